/** Of any state at all, possible or not, the planner and the checker say the same. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { messageOf } from '../../src/errors.ts';
import { whyIllegal } from '../../src/replay/legal-state.ts';
import type { CrashState, Survivor } from '../../src/replay/crash-state.ts';
import { entryIndex } from '../../src/units.ts';
import { anyLog, makeLog } from '../replay/any-log.ts';
import { certify, prove, readBytes, sha256Of } from './prove.ts';

const anySpans = fc
  .uniqueArray(fc.nat(11), { minLength: 1, maxLength: 3 })
  .map((starts) => starts.sort((a, b) => a - b))
  .map((starts) => starts.map((first, i) => ({ first, last: Math.min(first + 3, (starts[i + 1] ?? 99) - 2) })))
  .filter((spans) => spans.every(({ first, last }) => first <= last));
const anySurvivors = fc
  .dictionary(fc.nat(3).map(String), fc.option(anySpans, { nil: undefined, freq: 1 }), { minKeys: 1, maxKeys: 3 })
  .map((parts) =>
    Object.entries(parts)
      .map(([entry, sectors]) => ({ entry: entryIndex(Number(entry)), ...(sectors && { sectors }) }))
      .sort((a, b) => a.entry - b.entry),
  );
const shifted = (survivor: Survivor, by: number): Survivor => ({
  ...survivor,
  entry: entryIndex(survivor.entry + by),
});
const anyState: fc.Arbitrary<CrashState> = fc
  .record({
    crashPoint: fc.option(fc.nat(9), { nil: undefined }),
    lyingFrom: fc.option(fc.nat(9), { nil: undefined, freq: 1 }),
    near: fc.boolean(),
    keptDiscards: fc.option(fc.uniqueArray(fc.nat(14), { minLength: 1, maxLength: 2 }), { nil: undefined, freq: 1 }),
    survivors: fc.option(anySurvivors, { nil: undefined }),
  })
  .map(({ crashPoint, lyingFrom, near, keptDiscards, survivors }) => ({
    crashPoint: crashPoint === undefined ? undefined : entryIndex(crashPoint),
    ...(lyingFrom !== undefined && { lyingFrom: entryIndex(lyingFrom) }),
    ...(keptDiscards && { keptDiscards: keptDiscards.sort((a, b) => a - b).map(entryIndex) }),
    // Right behind the crash point, where most that is legal is, or anywhere.
    ...(survivors && { survivors: near ? survivors.map((each) => shifted(each, (crashPoint ?? -1) + 1)) : survivors }),
  }));

/** Of a state that is none, the planner's account may not even be a certificate. */
function answer(body: () => string | undefined): string | undefined {
  try {
    return body();
  } catch (error) {
    return messageOf(error);
  }
}

it('is legal for both or for neither', () => {
  let legal = 0;
  const agree = fc.property(anyLog, fc.array(anyState, { minLength: 30, maxLength: 30 }), (entries, states) => {
    const { index, bytes } = makeLog(entries);
    const log = readBytes(bytes);
    for (const state of states) {
      const planner = whyIllegal(index, state);
      const checker = answer(() => prove(certify(index, sha256Of(bytes), state), log));
      if (planner === undefined) legal++;
      expect(checker === undefined, `planner: ${planner}; checker: ${checker}`).toBe(planner === undefined);
    }
  });
  fc.assert(agree, { numRuns: 150 });
  expect(legal).toBeGreaterThan(300);
});
