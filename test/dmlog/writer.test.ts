import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLAG } from '../../src/dmlog/layout.ts';
import { logInMemory } from '../../src/dmlog/log-source.ts';
import { newEntry, type NewLogEntry } from '../../src/dmlog/new-entry.ts';
import { readEntries, readSuperblock } from '../../src/dmlog/reader.ts';
import { writeLog, writeLogFile } from '../../src/dmlog/writer.ts';
import { anyEntries } from './any-entries.ts';

describe.each([512, 4096])('a written log with %i-byte sectors', (sectorBytes) => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(anyEntries(sectorBytes), (entries) => {
        const bytes = writeLog(entries, { sectorBytes });
        const source = logInMemory(bytes);
        expect(readSuperblock(source)).toEqual({ version: 1, entryCount: entries.length, sectorBytes });
        const read = [...readEntries(source)];
        expect(read).toHaveLength(entries.length);
        read.forEach((entry, position) => {
          const written = entries[position]!;
          expect(entry.index).toBe(position);
          expect(entry.sector).toBe(written.sector ?? 0);
          expect(entry.flags).toBe(written.flags);
          expect(entry.mark).toBe(written.mark);
          expect(entry.sectorCount).toBe(written.sectorCount ?? (written.data?.length ?? 0) / sectorBytes);
          const data = bytes.subarray(entry.dataOffsetBytes, entry.dataOffsetBytes + entry.dataBytes);
          expect(data.equals(written.data ?? Buffer.alloc(0))).toBe(true);
        });
      }),
      { numRuns: 60 },
    );
  });
});

describe('writeLog', () => {
  const options = { sectorBytes: 512 };

  it('puts each header and its data where the format says', () => {
    const bytes = writeLog([newEntry.fua(3, Buffer.alloc(512, 7)), newEntry.mark('ok')], options);
    expect(bytes).toHaveLength(4 * 512);
    expect(bytes.readUInt8(512)).toBe(3);
    expect(bytes.readUInt8(512 + 8)).toBe(1);
    expect(bytes.readUInt8(512 + 16)).toBe(FLAG.fua);
    expect(bytes[1024]).toBe(7);
    expect(bytes.toString('latin1', 1536 + 32, 1536 + 35)).toBe('ok\0');
  });

  it('can claim another count than the truth', () => {
    const bytes = writeLog([newEntry.flush(), newEntry.flush()], { ...options, claimedEntries: 1 });
    expect([...readEntries(logInMemory(bytes))]).toHaveLength(1);
  });

  it.each<[string, NewLogEntry]>([
    ['data that is no whole sector', newEntry.write(0, Buffer.alloc(100))],
    ['a discard with data', { flags: FLAG.discard, data: Buffer.alloc(512) }],
    ['a length that contradicts the data', { flags: 0, sectorCount: 2, data: Buffer.alloc(512) }],
    ['a length without data', { flags: 0, sectorCount: 2 }],
    ['a mark that is too long', newEntry.mark('x'.repeat(480))],
  ])('refuses %s', (_, entry) => {
    expect(() => writeLog([entry], options)).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  it.each([0, 256, 1000, 513, Number.NaN])('refuses sectors of %d bytes', (sectorBytes) => {
    expect(() => writeLog([], { sectorBytes })).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});

describe('writeLogFile', () => {
  it('writes the same bytes as writeLog', () => {
    const folder = mkdtempSync(join(tmpdir(), 'powercut-writer-'));
    const path = join(folder, 'a.log');
    const entries = [newEntry.write(5, Buffer.alloc(8192, 1)), newEntry.flush(), newEntry.discard(0, 9)];
    expect(writeLogFile(path, entries, { sectorBytes: 4096 })).toBe(3);
    expect(readFileSync(path).equals(writeLog(entries, { sectorBytes: 4096 }))).toBe(true);
    rmSync(folder, { recursive: true });
  });
});
