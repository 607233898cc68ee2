import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateComparison } from '../../src/compare/comparison-schema.ts';
import type { ModeRun } from '../../src/compare/mode.ts';
import { modesOf } from '../../src/compare/mode.ts';
import { KERNEL } from '../report/canned-events.ts';
import { comparisonOf, LOST, modeRun, notRun } from './mode-runs.ts';

const lost = { findings: [LOST] };
const [ORDERED, WRITEBACK, JOURNAL] = ['ext4:data=ordered', 'ext4:data=writeback', 'ext4:data=journal'];

const only = (...runs: ModeRun[]) => {
  const { findings } = comparisonOf(...runs);
  expect(findings).toHaveLength(1);
  return findings[0]!;
};

describe("what a store's finding means", () => {
  it('is the store when every mode shows it', () => {
    const finding = only(modeRun(ORDERED, lost), modeRun('xfs', lost));
    expect(finding).toMatchObject({ spread: 'all', cause: 'store', absent: [], open: [] });
    expect(finding.meaning).toMatch(/^The store: every mode shows it/);
  });

  it('is a reliance when only the weaker modes show it', () => {
    const finding = only(modeRun(ORDERED), modeRun(JOURNAL), modeRun(WRITEBACK, lost), modeRun('xfs'));
    expect(finding).toMatchObject({ spread: 'weaker', cause: 'reliance', absent: [ORDERED, JOURNAL, 'xfs'] });
    expect(finding.meaning).toMatch(/^An undocumented reliance of the store: only the weaker modes show it/);
  });

  it('is not explained by strength when a mode shows it that nothing ranks', () => {
    const some = only(modeRun(ORDERED), modeRun(WRITEBACK, lost), modeRun('xfs', lost));
    expect(some).toMatchObject({ spread: 'some', cause: 'reliance' });
    expect(only(modeRun(ORDERED), modeRun('xfs', lost))).toMatchObject({ spread: 'one', cause: 'reliance' });
  });

  it('says so when a mode that promises less does not show it', () => {
    const finding = only(modeRun(JOURNAL, lost), modeRun(WRITEBACK), modeRun(ORDERED));
    expect(finding.spread).toBe('one');
    expect(finding.meaning).toMatch(/ext4:data=writeback and ext4:data=ordered promise less and do not show it/);
  });

  it('is not explained by strength when a mode that is weaker still does not show it', () => {
    const finding = only(modeRun(JOURNAL), modeRun(ORDERED, lost), modeRun(WRITEBACK));
    expect(finding).toMatchObject({ spread: 'one', cause: 'reliance' });
    expect(finding.meaning).toMatch(/ext4:data=writeback promises less and does not show it/);
  });

  it('is the mode when only those without barriers show it', () => {
    const finding = only(modeRun('ext4'), modeRun('xfs'), modeRun('ext4:barrier=0', lost));
    expect(finding).toMatchObject({ spread: 'weaker', cause: 'filesystem' });
    expect(finding.meaning).toMatch(/^Only where barriers are off/);
    expect(only(modeRun('ext4', lost), modeRun('ext4:barrier=0', lost))).toMatchObject({ cause: 'store' });
  });

  it('is the kernel when the same mode does better on another one', () => {
    const finding = only(modeRun('xfs', { ...lost, kernel: '6.1' }), modeRun('xfs', { kernel: '6.12' }));
    expect(finding).toMatchObject({ spread: 'one', cause: 'filesystem', absent: ['xfs, kernel 6.12'] });
  });

  it('is not decided by one mode, or by one that was not judged to the end', () => {
    expect(only(modeRun('xfs', lost))).toMatchObject({ spread: 'undecided', cause: 'undecided' });
    const cut = modeRun('btrfs', { cutShort: true });
    expect(only(modeRun('xfs', lost), cut)).toMatchObject({ spread: 'undecided', absent: [], open: ['btrfs'] });
    expect(only(modeRun('xfs', lost), notRun('f2fs', 'no f2fs'))).toMatchObject({
      spread: 'undecided',
      open: ['f2fs'],
    });
    const some = only(modeRun('xfs', lost), modeRun('ext4'), cut);
    expect(some.spread).toBe('some');
    expect(some.meaning).toMatch(/Not judged to the end: btrfs\.$/);
  });

  it('is the device when no honest disk can show it', () => {
    const finding = { ...LOST, assumption: 'lying-flush' as const };
    const all = [modeRun('xfs', { findings: [finding] }), modeRun('ext4', { findings: [finding] })];
    expect(only(...all)).toMatchObject({ spread: 'all', cause: 'device' });
  });

  it('is the store when the disk had said that a write failed', () => {
    const finding = { ...LOST, assumption: 'io-error' as const };
    const found = only(modeRun('xfs', { findings: [finding] }), modeRun('ext4'));
    expect(found).toMatchObject({ spread: 'one', cause: 'store' });
    expect(found!.meaning).toContain('said that a write had failed');
  });
});

describe("what a file system's finding means", () => {
  const broken = { findings: [{ ...KERNEL, assumption: 'cache' as const }] };

  it('is never the store', () => {
    expect(only(modeRun('xfs', broken), modeRun('ext4'))).toMatchObject({ cause: 'filesystem', spread: 'one' });
    expect(only(modeRun('xfs', broken), modeRun('ext4', broken))).toMatchObject({ cause: 'filesystem', spread: 'all' });
  });

  it('is the device where it takes a torn write', () => {
    expect(only(modeRun('xfs', { findings: [KERNEL] }), modeRun('ext4'))).toMatchObject({ cause: 'device' });
  });
});

describe('compareModes', () => {
  it('keeps findings of another class, invariant or assumption apart', () => {
    const others = [
      { ...LOST, class: 'torn' as const },
      { ...LOST, invariant: 'store-opens' },
      { ...LOST, assumption: 'torn-512' as const },
    ];
    const { findings } = comparisonOf(modeRun('xfs', { findings: [LOST, ...others] }), modeRun('ext4', lost));
    expect(findings.map(({ spread }) => spread)).toEqual(['all', 'one', 'one', 'one']);
  });

  it('shows where each mode shows it', () => {
    const later = { ...LOST, state: 'p9', states: 2, message: 'm', reproduce: 'r' };
    expect(only(modeRun('xfs', lost), modeRun('ext4', { findings: [later] })).on).toEqual([
      { mode: 'xfs', state: 'p347', states: 35, message: LOST.message, reproduce: LOST.reproduce },
      { mode: 'ext4', state: 'p9', states: 2, message: 'm', reproduce: 'r' },
    ]);
  });

  it('is violated, else unknown, else ok', () => {
    expect(comparisonOf(modeRun('xfs'), modeRun('ext4')).verdict).toBe('ok');
    expect(comparisonOf(modeRun('xfs'), notRun('f2fs', 'no f2fs')).verdict).toBe('unknown');
    expect(comparisonOf(modeRun('xfs', lost), notRun('f2fs', 'no f2fs')).verdict).toBe('violated');
  });

  it('notes what was not run, and workloads that did not do the same', () => {
    expect(comparisonOf(modeRun('xfs'), modeRun('ext4')).notes).toEqual([]);
    const runs = [modeRun('xfs'), modeRun('ext4', { operations: 19 }), notRun('f2fs', 'no mkfs.f2fs')];
    expect(comparisonOf(...runs).notes).toEqual([
      'f2fs was not run: no mkfs.f2fs',
      'the workload did not acknowledge the same on all modes: 20 on xfs, 19 on ext4',
    ]);
  });

  const FILESYSTEMS = [ORDERED, WRITEBACK, JOURNAL, 'ext4:barrier=0', 'xfs', 'btrfs:nodatacow', 'f2fs'];
  const anyFinding = fc.record({
    class: fc.constantFrom('lost' as const, 'torn' as const, 'fsck' as const),
    blamed: fc.constantFrom('store' as const, 'filesystem' as const),
    assumption: fc.constantFrom('cache' as const, 'torn-512' as const, 'lying-flush' as const, 'io-error' as const),
  });
  const anyRuns = fc.subarray(FILESYSTEMS, { minLength: 1 }).chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc.oneof(
          {
            weight: 5,
            arbitrary: fc
              .record({ found: fc.array(anyFinding, { maxLength: 3 }), cutShort: fc.boolean() })
              .map(({ found, cutShort }) => {
                const findings = [
                  ...new Map(found.map((each) => [JSON.stringify(each), { ...LOST, ...each }])).values(),
                ];
                return modeRun(name, { findings, cutShort });
              }),
          },
          { weight: 1, arbitrary: fc.constant(notRun(name, 'no such kernel')) },
        ),
      ),
    ),
  );

  it('puts every mode of every finding in one place, and conforms to its schema', () => {
    fc.assert(
      fc.property(anyRuns, (runs) => {
        const comparison = comparisonOf(...runs);
        expect(validateComparison(JSON.parse(JSON.stringify(comparison)))).toEqual([]);
        const names = runs.map(({ mode }) => mode.name).sort();
        for (const { on, absent, open } of comparison.findings) {
          expect([...on.map(({ mode }) => mode), ...absent, ...open].sort()).toEqual(names);
        }
      }),
    );
  });

  it('comes to the same whatever the order of the modes', () => {
    fc.assert(
      fc.property(anyRuns, (runs) => {
        const facts = (all: readonly ModeRun[]): string[] =>
          comparisonOf(...all)
            .findings.map((f) => [f.class, f.blamed, f.assumption, f.spread, f.cause].join())
            .sort();
        expect(facts([...runs].reverse())).toEqual(facts(runs));
      }),
    );
  });
});

describe('modesOf', () => {
  it('is every file system, on every kernel that was asked for', () => {
    expect(modesOf(['xfs'], [])).toEqual([{ name: 'xfs', filesystem: 'xfs' }]);
    expect(modesOf(['xfs', 'ext4'], ['6.1', 'host']).map(({ name }) => name)).toEqual([
      'xfs, kernel 6.1',
      'xfs, kernel host',
      'ext4, kernel 6.1',
      'ext4, kernel host',
    ]);
  });
});
