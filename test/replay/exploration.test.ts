import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newEntry } from '../../src/dmlog/new-entry.ts';
import { randomFrom } from '../../src/random.ts';
import { wholeWrites } from '../../src/replay/atom.ts';
import { Exploration, type ExplorationPlan } from '../../src/replay/exploration.ts';
import { formatCrashState } from '../../src/replay/state-id.ts';
import { sectors } from '../support/log-file.ts';
import { makeLog } from './any-log.ts';

const SECTOR = 512;

/** Writes to so many sectors of their own, in one group. */
function makeExploration(writes: number, rest: Partial<ExplorationPlan> = {}): Exploration {
  const { index } = makeLog([
    ...Array.from({ length: writes }, (_, i) => newEntry.write(i, sectors('a'))),
    newEntry.flush(),
  ]);
  const space = { anchor: undefined, atoms: wholeWrites(index, 0, writes) };
  const plan = { space, first: () => [0n], sample: true, limit: 1000, doubtful: 0n, ...rest };
  return new Exploration(index, plan, randomFrom(1));
}

const idsOf = (exploration: Exploration, settle: () => void): string[] => {
  const ids: string[] = [];
  for (let state = exploration.next(); state; state = exploration.next()) {
    ids.push(formatCrashState(state));
    settle();
  }
  return ids;
};

const readsOf = (mask: number): { offsetBytes: number; lengthBytes: number }[] =>
  Array.from({ length: 10 }, (_, i) => i)
    .filter((i) => (mask >> i) % 2 === 1)
    .map((i) => ({ offsetBytes: i * SECTOR, lengthBytes: SECTOR }));

describe('an exploration', () => {
  it('runs every state once where nobody knows what is read', () => {
    const exploration = makeExploration(5);
    const ids = idsOf(exploration, () => exploration.settle(undefined));
    expect(ids).toHaveLength(32);
    expect(new Set(ids).size).toBe(32);
    expect(exploration.coverage).toEqual({ states: 32n, settled: 32n, skipped: 0n, runs: 32 });
  });

  it('needs two runs for each write that is read, whatever else there is', () => {
    const needs = fc.property(fc.nat(1023), (mask) => {
      const exploration = makeExploration(10);
      idsOf(exploration, () => exploration.settle(readsOf(mask)));
      const { states, settled, runs } = exploration.coverage;
      expect(settled).toBe(states);
      expect(runs).toBe(2 ** readsOf(mask).length);
    });
    fc.assert(needs, { numRuns: 20 });
  });

  it('adds up, though a run reads what the states that it holds lead it to, and some cannot be judged', () => {
    const addsUp = fc.property(
      fc.array(fc.nat(255), { minLength: 1 }),
      fc.nat(255),
      fc.nat(20),
      (masks, doubt, limit) => {
        const exploration = makeExploration(8, { doubtful: BigInt(doubt & 3), limit: limit + 1 });
        const states = new Set<string>();
        let run = 0;
        let unjudged = 0;
        for (let state = exploration.next(); state; state = exploration.next()) {
          expect(states.has(formatCrashState(state))).toBe(false);
          states.add(formatCrashState(state));
          const mask = masks[run++ % masks.length]!;
          if (mask % 5 === 0) unjudged++;
          if (mask % 5 === 0) exploration.giveUp();
          else exploration.settle(readsOf(mask));
        }
        const { settled, skipped, runs } = exploration.coverage;
        expect(runs).toBe(run);
        expect(skipped).toBe(256n - 256n / 2n ** BigInt((doubt & 1) + ((doubt >> 1) & 1)));
        expect(settled).toBeGreaterThanOrEqual(BigInt(run - unjudged));
        expect(settled + skipped + BigInt(unjudged)).toBeLessThanOrEqual(256n);
      },
    );
    fc.assert(addsUp, { numRuns: 100 });
  });

  it('tries nothing that starts on a disk which nobody knows', () => {
    const exploration = makeExploration(4, { doubtful: 'all' });
    expect(exploration.next()).toBeUndefined();
    expect(exploration.coverage).toEqual({ states: 16n, settled: 0n, skipped: 16n, runs: 0 });
  });

  it('ends at its limit, and without samples behind its first', () => {
    expect(idsOf(limited({ limit: 7 }), () => undefined)).toHaveLength(0);
    const few = makeExploration(5, { limit: 7 });
    expect(idsOf(few, () => few.settle(undefined))).toHaveLength(7);
    const first = makeExploration(5, { sample: false, first: () => [0n, 31n, 0n, 4n] });
    expect(idsOf(first, () => first.settle(undefined))).toEqual(['base', 'p4', 'base+2']);
  });
});

const limited = (rest: Partial<ExplorationPlan>): Exploration => makeExploration(5, { ...rest, limit: 0 });
