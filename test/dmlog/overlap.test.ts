import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLAG } from '../../src/dmlog/layout.ts';
import { indexLog, type LogIndex } from '../../src/dmlog/log-index.ts';
import { logInMemory } from '../../src/dmlog/log-source.ts';
import { newEntry, type NewLogEntry } from '../../src/dmlog/new-entry.ts';
import { findInversions, type Inversion } from '../../src/dmlog/overlap.ts';
import { writeLog } from '../../src/dmlog/writer.ts';
import { anyEntries } from './any-entries.ts';
import { sampleLog } from './samples.ts';

const sectors = (count: number): Buffer => Buffer.alloc(512 * count);
const indexOf = (entries: NewLogEntry[]): LogIndex => indexLog(logInMemory(writeLog(entries, { sectorBytes: 512 })));
const find = (entries: NewLogEntry[]): Inversion[] => findInversions(indexOf(entries));

const fua = (sector: number, count: number): NewLogEntry => newEntry.fua(sector, sectors(count));
const write = (sector: number, count: number): NewLogEntry => newEntry.write(sector, sectors(count));
const flush = newEntry.flush();

describe('findInversions', () => {
  it('reports where a plain write overlaps a FUA write logged before it', () => {
    expect(find([fua(10, 4), write(12, 8), flush])).toEqual([
      { fua: 0, plain: 1, flush: 2, sector: 12, sectorCount: 2 },
    ]);
  });

  it('knows no flush in the open last epoch', () => {
    expect(find([flush, fua(10, 4), write(8, 4)])).toEqual([
      { fua: 1, plain: 2, flush: undefined, sector: 10, sectorCount: 2 },
    ]);
  });

  it('counts a discard as a plain entry', () => {
    expect(find([fua(10, 1), newEntry.discard(0, 100), flush])).toHaveLength(1);
  });

  it('takes the write half of FLUSH with data as plain, and of FLUSH|FUA as FUA, in the epoch that it opens', () => {
    expect(find([fua(1, 1), { flags: FLAG.flush, sector: 1, data: sectors(1) }])).toEqual([]);
    expect(find([{ flags: FLAG.flush | FLAG.fua, sector: 1, data: sectors(1) }, write(1, 1)])).toMatchObject([
      { fua: 0, plain: 1, flush: undefined },
    ]);
  });

  it.each<[string, NewLogEntry[]]>([
    ['the plain write first', [write(10, 4), fua(10, 4), flush]],
    ['a flush between them', [fua(10, 4), flush, write(10, 4), flush]],
    ['a commit between them', [fua(10, 4), { flags: 19, sector: 10 }, write(10, 4), flush]],
    ['neighbours', [fua(10, 4), write(14, 1), write(9, 1), flush]],
    ['two FUA writes', [fua(10, 4), fua(10, 4), flush]],
    ['a FUA without data', [{ flags: FLAG.fua, sector: 10 }, write(10, 4), flush]],
    ['a discard of no length inside the FUA write', [fua(10, 4), newEntry.discard(12, 0), flush]],
  ])('reports nothing for %s', (_, entries) => {
    expect(find(entries)).toEqual([]);
  });

  it('finds what comparing every pair finds, in any log', () => {
    // Few flushes and little room, so that nearly every log has long epochs full of overlaps in both orders.
    const anyFlags = fc.constantFrom(0, 0, 0, 0, FLAG.fua, FLAG.fua, FLAG.fua, FLAG.fua, FLAG.flush);
    const crowded = fc.tuple(anyFlags, fc.nat(12), fc.integer({ min: 1, max: 4 }));
    const anyCrowd = fc.array(crowded, { minLength: 20, maxLength: 60 }).map((all) =>
      all.map(([flags, sector, count]): NewLogEntry => {
        return flags === FLAG.flush ? flush : { flags, sector, data: sectors(count) };
      }),
    );
    fc.assert(
      fc.property(fc.oneof(anyCrowd, anyCrowd, anyEntries(512)), (entries) => {
        const byPair = (left: Inversion, right: Inversion): number => left.plain - right.plain || left.fua - right.fua;
        expect(find(entries).sort(byPair)).toEqual(comparedPairwise(indexOf(entries)).sort(byPair));
      }),
      { numRuns: 300 },
    );
  });

  it('is quick where overlaps abound but none counts: plain writes first, in one long epoch', () => {
    const many = 20_000;
    const index = made(2 * many, (entry) => ({ flags: entry < many ? 0 : FLAG.fua, sector: 5, sectorCount: 1 }));
    expect(findInversions(index)).toEqual([]);
  });

  it('finds one overlap among many ranges', () => {
    const many = 50_000;
    const index = made(many + 1, (entry) =>
      entry < many ? { flags: FLAG.fua, sector: 2 * entry, sectorCount: 1 } : { flags: 0, sector: 777, sectorCount: 2 },
    );
    expect(findInversions(index)).toEqual([{ fua: 389, plain: many, flush: undefined, sector: 778, sectorCount: 1 }]);
  });

  it('gives up with a reason instead of filling the memory', () => {
    const index = indexOf([fua(0, 1), fua(0, 1), write(0, 1), write(0, 1), flush]);
    expect(findInversions(index, 4)).toHaveLength(4);
    expect(() => findInversions(index, 3)).toThrow(
      expect.objectContaining({
        code: 'bad-log',
        message: expect.stringMatching(/entry 3 at byte \d+: more than 3 pairs/),
      }),
    );
  });

  it('finds all of them in the captured ext4 log', () => {
    expect(findInversions(indexLog(sampleLog('r2-ext4-commit-and-fua-inversion.log')))).toEqual(
      comparedPairwise(indexLog(sampleLog('r2-ext4-commit-and-fua-inversion.log'))),
    );
  });
});

/** An index with given entries and no log behind it. */
function made(count: number, at: (entry: number) => { flags: number; sector: number; sectorCount: number }): LogIndex {
  const entries = Array.from({ length: count }, (_, entry) => at(entry));
  return {
    ...indexOf([]),
    entryCount: count,
    headerOffsetsBytes: new Float64Array(count),
    sectors: Float64Array.from(entries, ({ sector }) => sector),
    sectorCounts: Float64Array.from(entries, ({ sectorCount }) => sectorCount),
    flags: Uint8Array.from(entries, ({ flags }) => flags),
  };
}

/** The definition, word for word: each pair of entries, with no flush completing between the two. */
function comparedPairwise(index: LogIndex): Inversion[] {
  const found: Inversion[] = [];
  const has = (entry: number, bit: number): boolean => (index.flags[entry]! & bit) !== 0;
  const flushBehind = (entry: number): number => index.flags.findIndex((_, at) => at > entry && has(at, FLAG.flush));
  for (let plain = 0; plain < index.entryCount; plain += 1) {
    if (has(plain, FLAG.fua | FLAG.mark)) continue;
    for (let early = 0; early < plain; early += 1) {
      if (!has(early, FLAG.fua) || has(plain, FLAG.flush)) continue;
      if (flushBehind(early) !== flushBehind(plain)) continue;
      const start = Math.max(index.sectors[early]!, index.sectors[plain]!);
      const end = Math.min(
        index.sectors[early]! + index.sectorCounts[early]!,
        index.sectors[plain]! + index.sectorCounts[plain]!,
      );
      if (start >= end) continue;
      const flushAt = flushBehind(plain);
      found.push({
        fua: early,
        plain,
        flush: flushAt === -1 ? undefined : flushAt,
        sector: start,
        sectorCount: end - start,
      } as Inversion);
    }
  }
  return found;
}
