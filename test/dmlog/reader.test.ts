import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { indexLog } from '../../src/dmlog/log-index.ts';
import { logInMemory, openLogFile } from '../../src/dmlog/log-source.ts';
import { newEntry } from '../../src/dmlog/new-entry.ts';
import { readEntries, readSuperblock, type ReadOptions } from '../../src/dmlog/reader.ts';
import { writeLog } from '../../src/dmlog/writer.ts';
import { sampleBytes } from './samples.ts';

/**
 * Headers at bytes 512 (write), 2048 (FUA), 3584 (flush), 4096 (discard), 4608 (mark), 5120 (end mark); 5632 bytes.
 */
const goodLog = (): Buffer =>
  writeLog(
    [
      newEntry.write(8, Buffer.alloc(1024, 1)),
      newEntry.fua(16, Buffer.alloc(1024, 2)),
      newEntry.flush(),
      newEntry.discard(0, 64),
      newEntry.mark('ack:1'),
      newEntry.mark('dm-log-writes-end'),
    ],
    { sectorBytes: 512 },
  );

const set =
  (offsetBytes: number, ...bytes: number[]) =>
  (log: Buffer): Buffer => {
    log.set(bytes, offsetBytes);
    return log;
  };
const cut =
  (lengthBytes: number) =>
  (log: Buffer): Buffer =>
    log.subarray(0, lengthBytes);
const HIGHEST = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

const readAll = (log: Uint8Array, options?: ReadOptions) => [...readEntries(logInMemory(log, 'x.log'), options)];

describe('readEntries', () => {
  it('reads the undamaged log that the table below damages', () => {
    expect(readAll(goodLog()).map((entry) => entry.headerOffsetBytes)).toEqual([512, 2048, 3584, 4096, 4608, 5120]);
  });

  it('accepts a log that counts no entries', () => {
    expect(readAll(writeLog([], { sectorBytes: 4096 }))).toEqual([]);
  });

  it('yields what is good before it throws', () => {
    const seen: number[] = [];
    const read = (): void => {
      for (const entry of readEntries(logInMemory(set(3584 + 16, 64)(goodLog())))) seen.push(entry.index);
    };
    expect(read).toThrow(/entry 2 at byte 3584/);
    expect(seen).toEqual([0, 1]);
  });
});

describe('a hostile or damaged log is refused with its place and reason', () => {
  it.each<[string, (log: Buffer) => Buffer, RegExp, ReadOptions?]>([
    ['no bytes at all', cut(0), /superblock at byte 0: the log ends after 0 bytes/],
    ['half a superblock', cut(20), /superblock at byte 0: the log ends after 20 bytes/],
    ['less than a sector', cut(511), /superblock at byte 0: the log ends at byte 511, inside its first sector/],
    ['an empty device', () => Buffer.alloc(4096), /all zeros/],
    ['another magic', set(0, 0), /superblock, magic at byte 0/],
    ['another version', set(8, 2), /superblock, version at byte 8/],
    ['no sector size', set(24, 0, 0, 0, 0), /superblock, sector size at byte 24/],
    ['the sector size of another log', set(24, 0, 4), /entry 0 at byte 1024: /],
    ['one entry too many', set(16, 7), /entry 6 at byte 5632: the log ends at byte 5632/],
    ['a huge count', set(16, ...HIGHEST.slice(0, 6)), /entry 6 at byte 5632: the log ends at byte 5632/],
    ['the highest count', set(16, ...HIGHEST), /superblock, entry count at byte 16/],
    ['a huge length', set(512 + 8, ...HIGHEST.slice(0, 5)), /entry 0 at byte 512: its data would end at byte \d+, but/],
    ['the highest length', set(512 + 8, ...HIGHEST), /entry 0 at byte 512: its length in sectors/],
    ['the highest sector', set(2048, ...HIGHEST), /entry 1 at byte 2048: its sector is/],
    ['a length one longer', set(512 + 8, 3), /entry 1 at byte 2560: /],
    ['a length one shorter', set(512 + 8, 1), /entry 1 at byte 1536: /],
    ['an unknown flag', set(3584 + 16, 33), /entry 2 at byte 3584: unknown flag bits in 0x21/],
    ['the highest flags', set(3584 + 16, ...HIGHEST), /entry 2 at byte 3584: unknown flag bits in 2\^53 or more/],
    ['a discard turned FUA', set(4096 + 16, 6), /entry 3 at byte 4096: a DISCARD with FLUSH or FUA/],
    ['a mark turned METADATA', set(4608 + 16, 24), /entry 4 at byte 4608: a MARK with other flags/],
    ['a mark with a length', set(4608 + 8, 1), /entry 4 at byte 4608: a MARK with a length/],
    ['a mark longer than its sector', set(4608 + 24, 0xe0, 1), /entry 4 at byte 4608: a MARK with 480 bytes/],
    ['text behind a flush', set(3584 + 100, 1), /entry 2 at byte 3584: bytes 32 to 511/],
    ['a zeroed header', set(5120, ...Buffer.alloc(512)), /entry 5 at byte 5120: its header is empty/],
    [
      'data cut off',
      cut(2048 + 512 + 1023),
      /entry 1 at byte 2048: its data would end at byte 3584, .* 3583: truncated/,
    ],
    ['a header cut off', cut(5631), /entry 5 at byte 5120: the log ends at byte 5631, before this header/],
    [
      'a write behind the device',
      (log) => log,
      /entry 1 at byte 2048: it ends at byte 9216 of the device/,
      { deviceBytes: 9215 },
    ],
  ])('%s', (_, damage, message, options) => {
    const expected = expect.objectContaining({ code: 'bad-log', message: expect.stringMatching(message) });
    expect(() => readAll(damage(goodLog()), options)).toThrow(expected);
    expect(() => indexLog(logInMemory(damage(goodLog()), 'x.log'), options)).toThrow(expected);
    expect(() => readAll(damage(goodLog()), options)).toThrow(/^write log x\.log: /);
  });

  it('a captured log, cut anywhere, is cut at the entry that it no longer holds', () => {
    const bytes = sampleBytes('e3-lbs4096.log');
    const headers = [4096, 12288, 16384, 28672, 32768, 36864, 40960, 45056];
    const ends = [12288, 16384, 28672, 32768, 36864, 40960, 45056, 49152];
    for (const [entry, end] of ends.entries()) {
      expect(() => readAll(bytes.subarray(0, end - 1))).toThrow(`entry ${entry} at byte ${headers[entry]}`);
    }
  });
});

describe('readSuperblock', () => {
  it('reads a superblock of a log with sectors larger than a window', () => {
    const log = writeLog([newEntry.mark('x')], { sectorBytes: 128 * 1024 });
    expect(readSuperblock(logInMemory(log))).toEqual({ version: 1, entryCount: 1, sectorBytes: 128 * 1024 });
    expect(readAll(log)[0]?.mark).toBe('x');
  });
});

describe('a log in a file', () => {
  it('reads as the same log in memory', () => {
    const folder = mkdtempSync(join(tmpdir(), 'powercut-reader-'));
    const path = join(folder, 'r2.log');
    const bytes = sampleBytes('r2-ext4-commit-and-fua-inversion.log');
    writeFileSync(path, bytes);
    const file = openLogFile(path);
    expect([...readEntries(file)]).toEqual(readAll(bytes));
    file.close();
    rmSync(folder, { recursive: true });
  });
});
