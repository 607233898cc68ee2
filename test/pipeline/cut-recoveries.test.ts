import { describe, expect, it } from 'vitest';
import type { PlannedRecovery, TriedState } from '../../src/engine/requests.ts';
import { cutRecoveries, noteOnUncut, type RecoveryCutter } from '../../src/pipeline/cut-recoveries.ts';
import { RecoveryTally } from '../../src/pipeline/recovery-tally.ts';
import type { PlanItem } from '../../src/replay/plan.ts';
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
  wish: {
    place?: string;
    depth?: number;
    first?: TriedState;
    statesLeft?: number;
    answer?: (state: string) => TriedState;
  } = {},
): Promise<{ asked: string[]; tally: RecoveryTally }> {
  const { place = PLACE.state, depth = 1, first = tried(place), answer = tried } = wish;
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
  await cutRecoveries({ ...PLACE, state: place }, first, cutter);
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

  it.each(['base', 'p7', 'p7:p3'])('looks into that of %s, a beginning of the log', async (place) => {
    expect((await cut({ place, depth: 2 })).asked).toContain(`plan ${place}`);
  });

  it.each([
    ['a lying disk', 'p7~5'],
    ['a lying disk, cut before', 'p7~5:p3'],
    ['a rotten disk', 'p7%512.3'],
    ['a disk that kept a discarded block', 'p7=6'],
    ['one that kept a later write', 'p7+9'],
    ['one that kept half of a later write', 'p7+9.0-1'],
  ])('leaves that of %s alone', async (_, place) => {
    const { asked, tally } = await cut({ place, depth: 2 });
    expect(asked).toEqual([]);
    expect(tally.report(2)).toMatchObject({ recoveries: 0, planned: 0 });
  });

  it('counts what it did not get to as not tested', async () => {
    const { tally } = await cut({ statesLeft: 1 });
    expect(tally.report(1)).toMatchObject({ recoveries: 1, distinct: 2, tested: 1 });
    const none = await cut({ statesLeft: 0 });
    expect(none.asked).toEqual([]);
    expect(none.tally.report(1)).toEqual({ depth: 1, recoveries: 0, planned: 1, distinct: 1, tested: 0 });
  });
});

describe('noteOnUncut', () => {
  const item = (state: string): PlanItem => ({ kind: 'state', order: 0, state, anchor: 7, ackCount: 0, twins: 0 });

  it('says so when the plan has states whose recovery is not cut', () => {
    expect(noteOnUncut([item('base'), item('p7')])).toBeUndefined();
    expect(noteOnUncut([item('p7'), item('p7~5')])).toMatch(/that of all others is not cut/);
    expect(noteOnUncut([{ kind: 'space' } as PlanItem])).toMatch(/that of all others is not cut/);
  });
});
