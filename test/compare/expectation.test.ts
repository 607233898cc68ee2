import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateExpectation } from '../../src/compare/expectation-schema.ts';
import { changesBetween, expectationOf, gapsOf, type Expectation } from '../../src/compare/expectation.ts';
import type { ModeRun } from '../../src/compare/mode.ts';
import { comparisonOf, LOST, modeRun, notRun } from './mode-runs.ts';

const TORN = { ...LOST, class: 'torn' as const, assumption: 'torn-512' as const };

const expectation = (...runs: readonly ModeRun[]): Expectation => expectationOf(comparisonOf(...runs));

describe('expectationOf', () => {
  it('keeps verdicts and classes by assumption, each once, and no count or time', () => {
    const twice = [LOST, { ...LOST, invariant: 'store-opens' }, TORN];
    expect(expectation(modeRun('xfs', { findings: twice }), modeRun('ext4'))).toEqual({
      formatVersion: 1,
      strategies: ['each-barrier', 'torn'],
      modes: [
        { mode: 'xfs', verdict: 'violated', classes: { cache: ['lost'], 'torn-512': ['torn'] } },
        { mode: 'ext4', verdict: 'ok', classes: {} },
      ],
    });
  });

  it('keeps what a second power cut finds apart from what the first does', () => {
    const again = { ...LOST, duringRecovery: true, state: 'p3:p4' } as const;
    const [before, now] = [[LOST], [LOST, again]].map((findings) => expectation(modeRun('xfs', { findings })));
    expect(now!.modes).toEqual([
      { mode: 'xfs', verdict: 'violated', classes: { cache: ['lost'] }, duringRecovery: { cache: ['lost'] } },
    ]);
    expect(validateExpectation(now)).toEqual([]);
    expect(changesBetween(before!, now!)).toEqual(['xfs: new finding: lost during recovery']);
    expect(changesBetween(now!, before!)).toEqual(['xfs: finding gone: lost during recovery']);
  });

  it('is the same whatever else a run says', () => {
    const slow = { ...LOST, state: 'p1', states: 9, message: 'm', reproduce: 'r' };
    expect(expectation(modeRun('xfs', { findings: [slow], operations: 7 }))).toEqual(
      expectation(modeRun('xfs', { findings: [LOST] })),
    );
  });

  it('conforms to its schema', () => {
    expect(validateExpectation(expectation(modeRun('xfs', { findings: [TORN] }), notRun('f2fs', 'no')))).toEqual([]);
    expect(validateExpectation({ ...expectation(modeRun('xfs')), modes: [{ mode: 'xfs' }] })).not.toEqual([]);
  });
});

describe('changesBetween', () => {
  const before = expectation(modeRun('xfs', { findings: [LOST] }), modeRun('ext4'));

  it('is nothing when all is as expected, in whatever order', () => {
    expect(changesBetween(before, expectation(modeRun('ext4'), modeRun('xfs', { findings: [LOST] })))).toEqual([]);
  });

  it('names a new finding, one that is gone, and a verdict that changed', () => {
    const now = expectation(modeRun('xfs'), modeRun('ext4', { findings: [TORN] }));
    expect(changesBetween(before, now)).toEqual([
      'xfs: expected violated, now ok',
      'xfs: finding gone: lost',
      'ext4: expected ok, now violated',
      'ext4: new finding: torn (torn-512)',
    ]);
  });

  it('tells a class on an honest disk from the same class on a worse one', () => {
    const now = expectation(modeRun('xfs', { findings: [LOST, { ...LOST, assumption: 'torn-512' }] }), modeRun('ext4'));
    expect(changesBetween(before, now)).toEqual(['xfs: new finding: lost (torn-512)']);
  });

  it('does not call a finding gone where nothing was judged', () => {
    const now = expectation(notRun('xfs', 'no xfs'), modeRun('ext4'));
    expect(changesBetween(before, now)).toEqual(['xfs: expected violated, now unknown']);
  });

  it('names modes that were not expected, or not compared', () => {
    expect(changesBetween(before, expectation(modeRun('xfs', { findings: [LOST] }), modeRun('btrfs')))).toEqual([
      'btrfs: not expected (ok)',
      'ext4: expected, and not compared',
    ]);
  });

  it('does not take the answer to another question', () => {
    expect(changesBetween({ ...before, strategies: ['each-barrier'] }, before)).toEqual([
      'strategies: expected each-barrier, now each-barrier, torn',
    ]);
    expect(changesBetween({ ...before, strategies: ['torn', 'each-barrier'] }, before)).toEqual([]);
  });

  const anyMode = fc.record({
    mode: fc.constantFrom('xfs', 'ext4', 'btrfs', 'f2fs'),
    verdict: fc.constantFrom('ok' as const, 'violated' as const),
    classes: fc.record({ cache: fc.subarray(['lost', 'torn']), 'torn-512': fc.subarray(['corrupt']) }),
  });
  const anyExpectation = fc
    .uniqueArray(anyMode, { selector: ({ mode }) => mode })
    .map((modes): Expectation => ({ formatVersion: 1, strategies: ['each-barrier'], modes }));

  it('is empty for equal tables only', () => {
    const sorted = ({ modes }: Expectation) => [...modes].sort((a, b) => (a.mode < b.mode ? -1 : 1));
    fc.assert(
      fc.property(anyExpectation, anyExpectation, (left, right) => {
        const isEqual = JSON.stringify(sorted(left)) === JSON.stringify(sorted(right));
        expect(changesBetween(left, right).length === 0).toBe(isEqual);
        expect(changesBetween(left, left)).toEqual([]);
      }),
    );
  });
});

describe('gapsOf', () => {
  it('names the modes that were not run, or not to their end', () => {
    const cut = modeRun('xfs', { findings: [LOST], cutShort: true });
    expect(gapsOf(comparisonOf(modeRun('ext4', { findings: [LOST] }), cut, notRun('f2fs', 'no f2fs')))).toEqual([
      'xfs was not judged to its end: 40 of 100 states tried, 0 unknown',
      'f2fs was not run (no f2fs)',
    ]);
  });
});
