import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FindingGroups, type JudgedState } from '../../src/checks/finding.ts';
import type { Verdict, ViolationClass } from '../../src/checks/verdict.ts';

const ok: Verdict = { kind: 'ok' };
const unknown: Verdict = { kind: 'unknown', reason: 'no' };
const violated = (violationClass: ViolationClass, message: string, invariant = 'check'): Verdict => ({
  kind: 'violated',
  class: violationClass,
  blamed: 'store',
  invariant,
  message,
});

const judged = (order: number, verdict: Verdict, changes: Partial<JudgedState> = {}): JudgedState => ({
  order,
  state: `p${order * 10}`,
  acked: order,
  verdict,
  assumption: 'cache',
  ...changes,
});

const newGroups = () => new FindingGroups((state) => `powercut replay --state ${state}`);

describe('FindingGroups', () => {
  it('keeps what came of a power cut during recovery apart', () => {
    const groups = newGroups();
    groups.add(judged(1, violated('lost', 'k1')));
    groups.add(judged(2, violated('lost', 'k2'), { state: 'p20:p3', duringRecovery: true }));
    groups.add(judged(3, violated('lost', 'k3'), { state: 'p30:p3', duringRecovery: true }));
    expect(groups.findings().map(({ state, states }) => [state, states])).toEqual([
      ['p10', 1],
      ['p20:p3', 2],
    ]);
  });

  it('makes one finding of what one invariant says', () => {
    const groups = newGroups();
    expect(groups.add(judged(0, ok))).toBeUndefined();
    expect(groups.add(judged(1, violated('lost', 'k1')))).toEqual({
      class: 'lost',
      blamed: 'store',
      assumption: 'cache',
      invariant: 'check',
      state: 'p10',
      states: 1,
      acked: 1,
      message: 'k1',
      reproduce: 'powercut replay --state p10',
      lastGood: 'p0',
    });
    expect(groups.add(judged(2, violated('lost', 'k2')))).toBeUndefined();
    expect(groups.size).toBe(1);
    expect(groups.findings()).toEqual([expect.objectContaining({ state: 'p10', states: 2, message: 'k1' })]);
  });

  it('keeps classes, invariants and assumptions apart', () => {
    const groups = newGroups();
    groups.add(judged(3, violated('lost', 'a')));
    groups.add(judged(2, violated('torn', 'b')));
    groups.add(judged(1, violated('lost', 'c', 'other')));
    groups.add(judged(0, violated('lost', 'd'), { assumption: 'torn-512' }));
    expect(groups.findings().map(({ message }) => message)).toEqual(['d', 'c', 'b', 'a']);
  });

  it('shows the earliest state with its own message, though it was judged last', () => {
    const groups = newGroups();
    groups.add(judged(5, violated('lost', 'late')));
    groups.add(judged(2, violated('lost', 'early')));
    groups.add(judged(3, violated('lost', 'middle')));
    expect(groups.findings()).toEqual([
      expect.objectContaining({
        state: 'p20',
        acked: 2,
        message: 'early',
        reproduce: 'powercut replay --state p20',
        states: 3,
      }),
    ]);
  });

  it('takes for last good the nearest earlier state that is ok in every respect', () => {
    const groups = newGroups();
    groups.add(judged(9, violated('lost', 'x')));
    groups.add(judged(1, ok));
    groups.add(judged(3, ok));
    groups.add(judged(12, ok));
    expect(groups.findings()[0]).toMatchObject({ lastGood: 'p30' });
    groups.add(judged(5, unknown));
    groups.add(judged(6, ok));
    // The store's verdict was ok there, but the file system's was not.
    groups.add(judged(6, violated('kernel', 'y', 'kernel-quiet')));
    groups.add(judged(7, violated('kernel', 'y', 'kernel-quiet')));
    groups.add(judged(7, ok));
    expect(groups.findings().find(({ class: name }) => name === 'lost')).toMatchObject({ lastGood: 'p30' });
  });

  it('has no last good where there is none', () => {
    const groups = newGroups();
    groups.add(judged(4, ok));
    groups.add(judged(2, violated('lost', 'x')));
    expect(groups.findings()[0]).not.toHaveProperty('lastGood');
  });

  it('does not depend on the order in which states are judged', () => {
    const verdicts = [ok, unknown, violated('lost', 'l'), violated('torn', 't')];
    const plan = fc.array(fc.constantFrom(...verdicts), { maxLength: 12 });
    fc.assert(
      fc.property(
        plan.chain((each) =>
          fc.tuple(fc.constant(each), fc.shuffledSubarray([...each.keys()], { minLength: each.length })),
        ),
        ([each, permutation]) => {
          const inOrder = newGroups();
          const shuffled = newGroups();
          each.forEach((verdict, order) => inOrder.add(judged(order, verdict)));
          permutation.forEach((order) => shuffled.add(judged(order, each[order]!)));
          expect(shuffled.findings()).toEqual(inOrder.findings());
          const first = inOrder.findings()[0];
          expect(first?.state).toBe(
            each.some(({ kind }) => kind === 'violated')
              ? `p${each.findIndex(({ kind }) => kind === 'violated') * 10}`
              : undefined,
          );
        },
      ),
    );
  });
});
