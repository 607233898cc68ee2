import { describe, expect, it } from 'vitest';
import { encodeEntry } from '../../src/dmlog/entry.ts';
import { FLAG } from '../../src/dmlog/layout.ts';
import { dataBytes, dataOffsetBytes, indexLog } from '../../src/dmlog/log-index.ts';
import { logInMemory, type LogSource } from '../../src/dmlog/log-source.ts';
import { newEntry, type NewLogEntry } from '../../src/dmlog/new-entry.ts';
import { encodeSuperblock } from '../../src/dmlog/superblock.ts';
import { writeLog } from '../../src/dmlog/writer.ts';

const inMemory = (entries: NewLogEntry[], more: { claimedEntries?: number } = {}): LogSource =>
  logInMemory(writeLog(entries, { sectorBytes: 512, ...more }));

describe('indexLog', () => {
  it('knows where each entry and its data are', () => {
    const index = indexLog(
      inMemory([newEntry.write(9, Buffer.alloc(1024)), newEntry.discard(0, 5), newEntry.mark('m')]),
    );
    expect([...index.headerOffsetsBytes]).toEqual([512, 2048, 2560]);
    expect([...index.sectors]).toEqual([9, 0, 0]);
    expect([...index.sectorCounts]).toEqual([2, 5, 0]);
    expect([...index.flags]).toEqual([0, FLAG.discard, FLAG.mark]);
    expect([0, 1, 2].map((entry) => dataOffsetBytes(index, entry))).toEqual([1024, 2560, 3072]);
    expect([0, 1, 2].map((entry) => dataBytes(index, entry))).toEqual([1024, 0, 0]);
  });

  it('sees the end mark only as the last entry', () => {
    const end = newEntry.mark('dm-log-writes-end');
    expect(indexLog(inMemory([newEntry.flush(), end])).endMark).toBe(true);
    expect(indexLog(inMemory([end, newEntry.flush()])).endMark).toBe(false);
    expect(indexLog(inMemory([])).endMark).toBe(false);
  });

  it('counts what validates behind the count, up to the first that does not', () => {
    const entries = [newEntry.flush(), newEntry.fua(0, Buffer.alloc(512)), newEntry.flush()];
    const index = indexLog(inMemory(entries, { claimedEntries: 1 }));
    expect(index).toMatchObject({ entryCount: 1, countedEntries: 1, readableBeyondCount: 2 });
    expect(index.flags).toHaveLength(1);
  });

  it('stops counting behind the count at its bound', () => {
    const flush = encodeEntry({ sector: 0, sectorCount: 0, flags: FLAG.flush }, 512);
    expect(indexLog(repeating(flush, 1, 100_000)).readableBeyondCount).toBe(65_536);
  });

  it('throws on what is no log error, instead of taking it for the end', () => {
    const good = inMemory([newEntry.flush()]);
    const failing: LogSource = {
      ...good,
      sizeBytes: 4096,
      read: (buffer, offset) => {
        if (offset > 512) throw new TypeError('bug');
        good.read(buffer, offset);
      },
    };
    expect(() => indexLog(failing)).toThrow(TypeError);
  });
});

/** A log of `count` equal sectors behind a superblock that counts `counted`, made up while it is read. */
function repeating(header: Buffer, counted: number, count: number): LogSource {
  const superblock = encodeSuperblock({ version: 1, entryCount: counted, sectorBytes: 512 });
  return {
    path: 'made up',
    sizeBytes: 512 * (count + 1),
    read(buffer, offset) {
      buffer.set((offset === 0 ? superblock : header).subarray(0, buffer.length));
    },
  };
}

const columnBytes = (index: ReturnType<typeof indexLog>): number =>
  index.headerOffsetsBytes.byteLength +
  index.sectors.byteLength +
  index.sectorCounts.byteLength +
  index.flags.byteLength;

describe('memory', () => {
  it('is 25 bytes an entry for a million entries, with nothing left over from growing', () => {
    const header = encodeEntry({ sector: 3, sectorCount: 0, flags: FLAG.flush }, 512);
    const index = indexLog(repeating(header, 1_000_000, 1_000_000));
    expect(columnBytes(index)).toBe(25 * 1_000_000);
    expect(index.marks.occupiedBytes).toBe(0);
    expect(index.headerOffsetsBytes[999_999]).toBe(512 * 1_000_000);
  }, 60_000);

  it('is 12 bytes and the text for each of a million marks', () => {
    const header = encodeEntry({ sector: 0, sectorCount: 0, flags: FLAG.mark, mark: 'ack:123456' }, 512);
    const index = indexLog(repeating(header, 1_000_000, 1_000_000));
    expect(index.marks.count).toBe(1_000_000);
    expect(index.marks.textAt(999_999)).toBe('ack:123456');
    expect(index.marks.entryAt(999_999)).toBe(999_999);
    expect(index.marks.occupiedBytes).toBeGreaterThanOrEqual((12 + 10) * 1_000_000);
    // The text's array doubles, so up to twice the text.
    expect(index.marks.occupiedBytes).toBeLessThanOrEqual((12 + 2 * 10) * 1_000_000);
  }, 60_000);

  it('follows what is read and not what is claimed, even where the file is large enough for the claim', () => {
    const source = repeating(Buffer.alloc(512), 2 ** 31, 2 ** 32);
    const before = process.memoryUsage().arrayBuffers;
    expect(() => indexLog(source)).toThrow(/entry 0 at byte 512/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  });

  it('refuses a log of more entries than 32 bits can number', () => {
    expect(() => indexLog(repeating(Buffer.alloc(512), 2 ** 33, 2 ** 33))).toThrow(
      expect.objectContaining({ code: 'bad-log', message: expect.stringMatching(/at most 4294967295 can be indexed/) }),
    );
  });
});
