/**
 * No false alarm: stores that keep their promises pass on every file system, with the file systems' own checkers
 * listening, and every crash state was looked at.
 */
import { describe, expect, it } from 'vitest';
import type { RunReport } from '../../src/report/report.ts';
import { APPEND_LOG, powercut, SQLITE } from './support/powercut.ts';
import { leftovers } from './support/leftovers.ts';
import { readReport } from './support/report.ts';
import { longTest, requirement } from './support/requirement.ts';
import { workFolder } from './support/work-folder.ts';

/** Each is one run of powercut. */
const RUNS = ['ext4:data=ordered ext4:data=journal ext4:data=writeback', 'xfs btrfs'];

function expectSound({ states, findings }: RunReport): void {
  expect(findings).toEqual([]);
  expect(states.tested).toBe(states.distinct);
  expect(states.distinct).toBeGreaterThan(0);
  expect(states).toMatchObject({ violated: 0, unknown: 0, skipped: 0 });
}

describe.concurrent('the append-only log', () => {
  it.for(RUNS)('is sound on %s', async (names, context) => {
    const specs = names.split(' ');
    requirement(context, 'guest', 'native replay', 'ext4', 'xfs', 'btrfs');
    const folder = workFolder((remove) => context.onTestFinished(remove));
    const words = ['replay', '--each-barrier', '--fsck', '--json', 'report.json'];
    const filesystems = specs.flatMap((spec) => ['--fs', spec]);
    const store = ['--workload', APPEND_LOG.workload(6), ...APPEND_LOG.called];
    const { status, stdout } = await powercut([...words, ...filesystems, ...store], folder);
    const report = readReport(folder.path('report.json'));
    expect(stdout).toMatch(/^ok: all of \d+ tested crash states held$/m);
    expect(report.runs.map(({ filesystem }) => filesystem)).toEqual(specs);
    report.runs.forEach(expectSound);
    expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: 'ok' });
    expect(leftovers(folder)).toEqual([]);
  });
});

describe.concurrent('SQLite', () => {
  it.for([
    ['WAL', 'FULL'],
    ['DELETE', 'EXTRA'],
  ] as const)('is sound with journal_mode %s and synchronous %s', async ([journal, synchronous], context) => {
    // Two shorter runs of it are in calibration.test.ts.
    longTest(context);
    requirement(context, 'guest', 'native replay', 'ext4', 'python3 with sqlite3');
    const folder = workFolder((remove) => context.onTestFinished(remove));
    const workload = SQLITE.workload(5, '--journal', journal, '--synchronous', synchronous);
    const words = ['replay', '--json', 'report.json', '--workload', workload, '--check', SQLITE.check];
    const { status } = await powercut(words, folder);
    const report = readReport(folder.path('report.json'));
    report.runs.forEach(expectSound);
    expect({ status, verdict: report.verdict }).toEqual({ status: 0, verdict: 'ok' });
  });
});
