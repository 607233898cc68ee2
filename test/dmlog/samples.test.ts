import { beforeAll, describe, expect, it } from 'vitest';
import { crashPoints } from '../../src/dmlog/barrier.ts';
import type { LogEntry } from '../../src/dmlog/entry.ts';
import { epochs } from '../../src/dmlog/epoch.ts';
import { FLAG } from '../../src/dmlog/layout.ts';
import { countEntries } from '../../src/dmlog/log-counts.ts';
import { dataBytes, dataOffsetBytes, indexLog } from '../../src/dmlog/log-index.ts';
import { findInversions } from '../../src/dmlog/overlap.ts';
import { readEntries, readSuperblock } from '../../src/dmlog/reader.ts';
import { sampleBytes, sampleLog, type SampleLog } from './samples.ts';

const entriesOf = (name: SampleLog): LogEntry[] => [...readEntries(sampleLog(name))];
const indexOf = (name: SampleLog) => indexLog(sampleLog(name));

/** The single byte that fills an entry's data, as text; fails when the data is not uniform. */
function fillOf(bytes: Buffer, entry: LogEntry): string {
  const data = bytes.subarray(entry.dataOffsetBytes, entry.dataOffsetBytes + entry.dataBytes);
  expect(data.every((byte) => byte === data[0])).toBe(true);
  return String.fromCharCode(data[0]!);
}

describe('e1: a FUA write overtakes a plain write', () => {
  const name = 'e1-ordering-512.log';

  it('reads B (FUA), A (plain), FLUSH at sector 0', () => {
    const [b, a, flush] = entriesOf(name);
    const bytes = sampleBytes(name);
    expect(b).toMatchObject({ flags: FLAG.fua, sector: 0, sectorCount: 8, headerOffsetBytes: 512 });
    expect(a).toMatchObject({ flags: 0, sector: 0, sectorCount: 8, headerOffsetBytes: 5120 });
    expect(flush).toMatchObject({ flags: FLAG.flush, sectorCount: 0, dataBytes: 0 });
    expect([fillOf(bytes, b!), fillOf(bytes, a!)]).toEqual(['B', 'A']);
  });

  it('finds that inversion and no other', () => {
    expect(findInversions(indexOf(name))).toEqual([{ fua: 0, plain: 1, flush: 2, sector: 0, sectorCount: 8 }]);
  });

  it('has mark m2 before the write C that was complete but not flushed', () => {
    const entries = entriesOf(name);
    expect(entries[4]?.mark).toBe('m2');
    expect(fillOf(sampleBytes(name), entries[5]!)).toBe('C');
    expect(entries[9]?.mark).toBe('two words');
  });
});

describe('e2: leftovers spliced before older entries', () => {
  const name = 'e2-remove-splice-inversion-512.log';

  it('has 352 entries and its end mark', () => {
    expect(indexOf(name)).toMatchObject({ entryCount: 352, endMark: true, readableBeyondCount: 0 });
  });

  it('ends with older data over newer in the same sectors', () => {
    const bytes = sampleBytes(name);
    const writes = entriesOf(name).filter((entry) => entry.sector === 16000);
    expect(writes.map((entry) => [entry.index, fillOf(bytes, entry)])).toEqual([
      [25, 'v'],
      [50, 'u'],
    ]);
  });
});

describe('e3: 4096-byte sectors', () => {
  it('counts positions in units of 4096 bytes', () => {
    const entries = entriesOf('e3-lbs4096.log');
    expect(readSuperblock(sampleLog('e3-lbs4096.log')).sectorBytes).toBe(4096);
    expect(entries).toHaveLength(8);
    expect(entries[0]).toMatchObject({ sector: 2, sectorCount: 1, dataBytes: 4096, dataOffsetBytes: 8192 });
    expect(entries[5]).toMatchObject({ flags: FLAG.discard, sectorCount: 256, dataBytes: 0, headerOffsetBytes: 36864 });
    expect(entries[6]?.headerOffsetBytes).toBe(40960);
    expect(entries[7]?.mark).toBe('dm-log-writes-end');
  });
});

describe('e5: the log ran full', () => {
  it('counts 7, can read 15, and has no end mark', () => {
    const index = indexOf('e5-logdev-full.log');
    expect(index).toMatchObject({ countedEntries: 7, entryCount: 7, readableBeyondCount: 8, endMark: false });
    expect(index.marks.textAt(0)).toBe('three');
  });
});

describe('r2: ext4', () => {
  const name = 'r2-ext4-commit-and-fua-inversion.log';

  it('has empty FLUSH|FUA|METADATA entries with a sector, each followed by the FUA write', () => {
    const entries = entriesOf(name);
    expect(entries).toHaveLength(152);
    const commits = entries.filter((entry) => entry.flags === (FLAG.flush | FLAG.fua | FLAG.metadata));
    expect(commits.map((entry) => entry.index)).toEqual([106, 118, 134, 146]);
    for (const commit of commits) {
      expect(commit.sectorCount).toBe(0);
      expect(commit.sector).toBeGreaterThan(0);
      const write = entries[commit.index + 1];
      expect(write).toMatchObject({ flags: FLAG.fua | FLAG.metadata, sector: commit.sector, sectorCount: 2 });
    }
  });

  it('has the inversion that went through ext4', () => {
    expect(findInversions(indexOf(name))).toContainEqual({
      fua: 129,
      plain: 131,
      flush: 134,
      sector: 17026,
      sectorCount: 8,
    });
  });
});

describe('r6: QEMU', () => {
  it('reads the same layout without FUA and marks', () => {
    const index = indexOf('r6-qemu72-blklogwrites.log');
    expect(index).toMatchObject({ entryCount: 9, sectorBytes: 512, endMark: false, readableBeyondCount: 0 });
    expect(countEntries(index)).toMatchObject({ flushes: 3, fuas: 0, marks: 0, discards: 1, plain: 5 });
    expect([...crashPoints(index)]).toEqual([2, 4, 8]);
  });
});

describe('sqlite-wal-ext4', () => {
  let index: ReturnType<typeof indexOf>;
  beforeAll(() => {
    index = indexLog(sampleLog('sqlite-wal-ext4.log.img'), { deviceBytes: 64 * 1024 * 1024 });
  });

  it('has 495 entries and all marks in order', () => {
    const texts = Array.from({ length: index.marks.count }, (_, mark) => index.marks.textAt(mark));
    const acks = Array.from({ length: 20 }, (_, ack) => `ack:${ack}`);
    expect(index.entryCount).toBe(495);
    expect(texts).toEqual(['start:7f3a', ...acks, 'end:7f3a', 'dm-log-writes-end']);
    expect(index.endMark).toBe(true);
  });

  it('gives the final image when every entry is applied to the base', () => {
    const log = sampleBytes('sqlite-wal-ext4.log.img');
    const image = sampleBytes('sqlite-wal-ext4.base.img');
    for (let entry = 0; entry < index.entryCount; entry += 1) {
      const from = dataOffsetBytes(index, entry);
      log.copy(image, index.sectors[entry]! * index.sectorBytes, from, from + dataBytes(index, entry));
    }
    expect(image.equals(sampleBytes('sqlite-wal-ext4.final.img'))).toBe(true);
  });

  it('has the shape of a kernel log: no plain write outside a group', () => {
    expect([...epochs(index)].filter((epoch) => epoch.strayPlainCount > 0)).toEqual([]);
  });

  it('is refused when the device is one sector smaller than its largest write', () => {
    const ends = Array.from(index.sectors, (sector, entry) => (sector + index.sectorCounts[entry]!) * 512);
    const deviceBytes = Math.max(...ends);
    expect(indexLog(sampleLog('sqlite-wal-ext4.log.img'), { deviceBytes }).entryCount).toBe(495);
    expect(() => indexLog(sampleLog('sqlite-wal-ext4.log.img'), { deviceBytes: deviceBytes - 512 })).toThrow(/device/);
  });
});
