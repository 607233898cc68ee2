import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFlush, isFlushWithData, isFuaWrite, isMark } from '../../src/dmlog/entry-role.ts';
import { lostWrites } from '../../src/replay/lost-writes.ts';
import { entryIndex } from '../../src/units.ts';
import { anyLog, makeLog } from './any-log.ts';

describe('the writes that a lying disk has lost', () => {
  it('are those in the cache at the last lie, as a cache loses them', () => {
    const same = fc.property(anyLog, fc.nat(40), fc.nat(40), (entries, lieAt, more) => {
      const { index } = makeLog(entries);
      const flushes = Array.from({ length: index.entryCount }, (_, i) => i).filter((i) => isFlush(index.flags[i]!));
      if (flushes.length === 0) return;
      const lie = flushes[lieAt % flushes.length]!;
      const crashPoint = lie + (more % (index.entryCount - lie));
      // A cache, run forward: an honest flush empties it, what is in it at the last lie is lost.
      let cache: number[] = [];
      let lost: number[] = [];
      for (let entry = 0; entry <= crashPoint; entry++) {
        const [flags, count] = [index.flags[entry]!, index.sectorCounts[entry]!];
        if (isFlush(flags) && entry < lie) cache = [];
        if (isFlush(flags) && entry >= lie) lost = [...cache];
        const isEmptyFlush = isFlush(flags) && !isFlushWithData(flags, count);
        if (!isMark(flags) && !isFuaWrite(flags, count) && !isEmptyFlush) cache.push(entry);
      }
      const state = { crashPoint: entryIndex(crashPoint), lyingFrom: entryIndex(lie) };
      expect(lostWrites(index, state)).toEqual(lost);
    });
    fc.assert(same, { numRuns: 300 });
  });

  it('are none without a lie', () => {
    const { index } = makeLog([]);
    expect(lostWrites(index, { crashPoint: undefined })).toEqual([]);
  });
});
