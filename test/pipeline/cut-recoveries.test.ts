import { describe, expect, it } from 'vitest';
import type { PlannedRecovery, TriedState } from '../../src/engine/requests.ts';
import { cutRecoveries, type RecoveryCutter } from '../../src/pipeline/cut-recoveries.ts';
import { RecoveryTally } from '../../src/pipeline/recovery-tally.ts';
import { unjudgedState } from '../../src/engine/unjudged-state.ts';
import { tried } from './fake-runner.ts';

const PLACE = { order: 100, state: 'p7', ackCount: 3, twins: 0 };
const LOST: TriedState = {
  ...tried('p7'),
  verdict: { kind: 'violated', class: 'lost', blamed: 'store', invariant: 'check', message: '' },
};

const recoveryOf = (state: string, points: readonly number[]): PlannedRecovery => ({
  states: points.map((point) => ({ state: `${state}:p${point}`, twins: 1 })),
  planned: points.length * 2 + 1,
  skipped: 1,
});

/** A recovery of two states after each state. @returns what was asked for, in order */
async function cut(
  wish: { depth?: number; first?: TriedState; statesLeft?: number; answer?: (state: string) => TriedState } = {},
): Promise<{ asked: string[]; tally: RecoveryTally }> {
  const { depth = 1, first = tried('p7'), answer = tried } = wish;
  let { statesLeft = Infinity } = wish;
  const asked: string[] = [];
  const tally = new RecoveryTally();
  let order = 101;
  const cutter: RecoveryCutter = {
    depth,
    nextOrder: () => order++,
    goesOn: () => statesLeft > 0,
    plan: ({ state }) => {
      asked.push(`plan ${state}`);
      return Promise.resolve(recoveryOf(state, [2, 4]));
    },
    try: ({ state, order: at, ackCount, twins }) => {
      asked.push(`${at} ${state} ${ackCount} ${twins}`);
      statesLeft--;
      tally.noteTested();
      return Promise.resolve(answer(state));
    },
    onOwed: () => tally.owe(),
    onPlanned: (_, recovery) => void tally.add(recovery),
  };
  await cutRecoveries(PLACE, first, cutter);
  return { asked, tally };
}

describe('cutRecoveries', () => {
  it('tries each state of the recovery with the acknowledgements of the first cut', async () => {
    const { asked, tally } = await cut();
    expect(asked).toEqual(['plan p7', '101 p7:p2 3 1', '102 p7:p4 3 1']);
    expect(tally.report(1)).toEqual({ depth: 1, recoveries: 1, planned: 5, distinct: 2, tested: 2 });
    expect([tally.skipped, tally.deduplicated]).toEqual([1, 2]);
  });

  it('goes as deep as it is told', async () => {
    const { asked } = await cut({ depth: 2 });
    const deeper = (at: number, state: string): string[] => [
      `${at} ${state} 3 1`,
      `plan ${state}`,
      `${at + 1} ${state}:p2 3 1`,
      `${at + 2} ${state}:p4 3 1`,
    ];
    expect(asked).toEqual(['plan p7', ...deeper(101, 'p7:p2'), ...deeper(104, 'p7:p4')]);
    expect((await cut({ depth: 0 })).asked).toEqual([]);
  });

  it('does not look into the recovery of a state that did not hold', async () => {
    expect((await cut({ first: LOST })).asked).toEqual([]);
    expect((await cut({ first: unjudgedState('p7', 'why') })).asked).toEqual([]);
    expect((await cut({ first: { ...tried('p7'), filesystemVerdict: LOST.verdict } })).asked).toEqual([]);
    const { asked } = await cut({ depth: 2, answer: (state) => (state === 'p7:p2' ? LOST : tried(state)) });
    expect(asked.filter((line) => line.startsWith('plan'))).toEqual(['plan p7', 'plan p7:p4']);
  });

  it('counts what it did not get to as not tested', async () => {
    const { tally } = await cut({ statesLeft: 1 });
    expect(tally.report(1)).toMatchObject({ recoveries: 1, distinct: 2, tested: 1 });
    const none = await cut({ statesLeft: 0 });
    expect(none.asked).toEqual([]);
    expect(none.tally.report(1)).toEqual({ depth: 1, recoveries: 0, planned: 1, distinct: 1, tested: 0 });
  });
});
