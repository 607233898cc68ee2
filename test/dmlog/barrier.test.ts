import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crashPoints, nextBarrier } from '../../src/dmlog/barrier.ts';
import { FLAG } from '../../src/dmlog/layout.ts';
import { indexLog, type LogIndex } from '../../src/dmlog/log-index.ts';
import { logInMemory } from '../../src/dmlog/log-source.ts';
import { newEntry, type NewLogEntry } from '../../src/dmlog/new-entry.ts';
import { writeLog } from '../../src/dmlog/writer.ts';
import { anyEntries } from './any-entries.ts';
import { sampleLog } from './samples.ts';

const data = Buffer.alloc(512);
const write = newEntry.write(0, data);
const fua = newEntry.fua(0, data);
const flush = newEntry.flush();
const mark = newEntry.mark('m');
const commit: NewLogEntry = { flags: FLAG.flush | FLAG.fua | FLAG.metadata, sector: 9 };
const flushWithData: NewLogEntry = { flags: FLAG.flush, data };
const flushFuaWithData: NewLogEntry = { flags: FLAG.flush | FLAG.fua, data };
const emptyFua: NewLogEntry = { flags: FLAG.fua };

const indexOf = (entries: NewLogEntry[]): LogIndex => indexLog(logInMemory(writeLog(entries, { sectorBytes: 512 })));

describe('crashPoints', () => {
  it.each<[string, NewLogEntry[], number[]]>([
    ['nothing', [], []],
    ['plain writes, marks and discards alone', [write, mark, newEntry.discard(0, 1)], []],
    ['flush and FUA write', [write, flush, fua, mark], [1, 2]],
    ['a METADATA FUA write', [{ flags: FLAG.fua | FLAG.metadata, data }], [0]],
    ['barriers with nothing between', [flush, flush, fua, fua], [0, 1, 2, 3]],
    ['a commit: the empty FLUSH|FUA is a flush, the FUA write another', [write, commit, fua], [1, 2]],
    ['an empty FUA is no write', [emptyFua], []],
    ['FLUSH with data: what stands before it', [write, flushWithData, write], [0]],
    ['FLUSH with data as the first entry: nothing stands before it', [flushWithData], []],
    ['FLUSH|FUA with data: what stands before it, and itself', [write, flushFuaWithData], [0, 1]],
    ['FLUSH|FUA with data as the first entry', [flushFuaWithData], [0]],
    ['FLUSH with data behind a flush: the same point once', [flush, flushWithData], [0]],
  ])('%s', (_, entries, expected) => {
    expect([...crashPoints(indexOf(entries))]).toEqual(expected);
  });

  it('takes every flush and every FUA write of a captured log', () => {
    const points = crashPoints(indexLog(sampleLog('sqlite-wal-ext4.log.img')));
    // 46 flushes, 42 commits, and 46 FUA writes.
    expect(points).toHaveLength(46 + 42 + 46);
    expect([...points].slice(0, 5)).toEqual([1, 13, 14, 20, 21]);
  });

  it('is sorted and unique for any log', () => {
    fc.assert(
      fc.property(anyEntries(512), (entries) => {
        const points = [...crashPoints(indexOf(entries))];
        expect(points).toEqual([...new Set(points)].sort((left, right) => left - right));
      }),
    );
  });
});

describe('nextBarrier', () => {
  it('finds the first barrier behind an entry, the entry itself not counted', () => {
    const index = indexOf([write, flush, mark, mark, fua, flushWithData, commit, emptyFua, mark]);
    const next = Array.from({ length: 10 }, (_, position) => nextBarrier(index, position - 1));
    expect(next).toEqual([1, 1, 4, 4, 4, 5, 6, 9, 9, 9]);
  });

  it('is the end of a log without barriers', () => {
    expect(nextBarrier(indexOf([]), -1)).toBe(0);
    expect(nextBarrier(indexOf([write, mark]), -1)).toBe(2);
  });

  it('agrees with a linear search in any log', () => {
    fc.assert(
      fc.property(anyEntries(512), (entries) => {
        const index = indexOf(entries);
        const isBarrier = ({ flags, data: payload }: NewLogEntry): boolean =>
          (flags & 1) !== 0 || ((flags & 2) !== 0 && payload !== undefined);
        for (let after = -1; after < entries.length; after += 1) {
          const found = entries.findIndex((entry, position) => position > after && isBarrier(entry));
          expect(nextBarrier(index, after)).toBe(found === -1 ? entries.length : found);
        }
      }),
    );
  });
});
