/**
 * Power cuts during recovery: a recovery that is not repeatable shows there and nowhere else, and one that is stays clean.
 */
import { existsSync } from 'node:fs';
import { describe, expect, it, type TestContext } from 'vitest';
import { join } from 'node:path';
import type { RunReport } from '../../src/report/report.ts';
import { leftovers } from './support/leftovers.ts';
import { powercut, powercutLine, REPOSITORY, runToEnd, SQLITE } from './support/powercut.ts';
import { onlyRun, readReport } from './support/report.ts';
import { longTest, requirement } from './support/requirement.ts';
import { workFolder, type WorkFolder } from './support/work-folder.ts';

const STORE = `sh ${join(REPOSITORY, 'test/machine/journalled-store.sh')}`;

interface Replayed {
  readonly folder: WorkFolder;
  readonly run: RunReport;
  readonly recording: string;
}

/** Records the journalled store; nothing is found by the barriers of the workload alone. */
async function recordStore(context: TestContext, recover: string): Promise<Replayed> {
  requirement(context, 'guest', 'ext4');
  const folder = workFolder((remove) => context.onTestFinished(remove));
  const store = ['--workload', `${STORE} workload {dir} 2`, '--check', `${STORE} check {dir} {count}`];
  const { stdout } = await powercut(['record', '--recover', `${STORE} ${recover}`, ...store], folder);
  const recording = stdout.trim();
  const run = await replay(folder, recording, 0);
  expect(run.states).toMatchObject({ violated: 0, unknown: 0 });
  return { folder, recording, run };
}

async function replay(folder: WorkFolder, recording: string, status: number, ...more: string[]): Promise<RunReport> {
  const run = await powercut(['replay', recording, '--json', 'report.json', ...more], folder);
  expect({ status: run.status, stderr: run.stderr }).toMatchObject({ status });
  expect(leftovers(folder)).toEqual([]);
  return onlyRun(readReport(folder.path('report.json')));
}

/** Everything that was planned was looked at. */
function expectWhole({ states, duringRecovery }: RunReport): void {
  expect(states).toMatchObject({ tested: states.distinct, unknown: 0, skipped: 0 });
  expect(duringRecovery?.recoveries).toBeGreaterThan(0);
  expect(duringRecovery?.tested).toBeGreaterThan(duringRecovery!.recoveries);
}

describe.concurrent('--during-recovery', () => {
  it('shows a recovery that empties its journal before the data is durable', async (context) => {
    const { folder, recording } = await recordStore(context, 'recover {dir} forgetful');
    const run = await replay(folder, recording, 1, '--during-recovery');
    expectWhole(run);
    const [finding] = run.findings;
    expect(run.findings).toHaveLength(1);
    expect(finding).toMatchObject({ class: 'lost', assumption: 'cache', blamed: 'store' });
    expect(finding!.state).toMatch(/^p\d+:p\d+$/);
    expect(finding!.message).toMatch(/^the power went again during recovery: 0 of \d acknowledged records are there$/);

    expect(existsSync(join(recording, 'recoveries', `${finding!.state.split(':')[0]}.log`))).toBe(true);
    const shown = await powercut(['show', recording, finding!.state, '--image', 'disk.img'], folder);
    expect(shown).toMatchObject({ status: 0, stderr: '' });
    expect(shown.stdout).toMatch(/mounted and recovered, and the power went again behind entry \d+ of what that wrote/);
    expect((await runToEnd(['e2fsck', '-f', '-y', 'disk.img'], folder)).status).toBeLessThan(4);

    const again = await powercutLine(`${finding!.reproduce} --json again.json`, folder);
    expect(again.status).toBe(1);
    const { findings } = onlyRun(readReport(folder.path('again.json')));
    expect(findings).toEqual([expect.objectContaining({ class: 'lost', state: finding!.state })]);
  });

  it('has nothing to say of one that makes it durable first, and leaves unknown what it cannot look at', async (context) => {
    const { folder, recording, run: barriers } = await recordStore(context, 'recover {dir}');
    const run = await replay(folder, recording, 0, '--during-recovery');
    expectWhole(run);
    expect(run.duringRecovery!.recoveries).toBe(barriers.states.distinct);
    expect(existsSync(join(recording, 'recoveries'))).toBe(false);

    const hurried = await replay(folder, recording, 2, '--during-recovery', '--time-budget', '1ms');
    expect(hurried.states.tested).toBeLessThan(hurried.states.distinct);
    const nowhere = await replay(folder, recording, 2, '--state', 'base:p9999');
    expect(nowhere.unknowns?.[0]?.reason).toContain('recorded anew, and has no barrier at entry 9999');
  });

  it('gives each power cut a boot of its own', async (context) => {
    const { folder, recording, run } = await recordStore(context, 'recover {dir} booted');
    expectWhole(await replay(folder, recording, 0, '--during-recovery', '--state', `p${run.recording!.entries - 1}`));
  });

  it('has nothing to say of it however often the power goes', async (context) => {
    longTest(context);
    const { folder, recording, run } = await recordStore(context, 'recover {dir}');
    const last = run.recording!.entries - 1;
    const booted = ['--recover', `${STORE} recover {dir} booted`];
    const deeper = await replay(folder, recording, 0, '--during-recovery=2', '--state', `p${last}`, ...booted);
    expectWhole(deeper);
    expect(deeper.duringRecovery!.recoveries).toBeGreaterThan(1);
  });
});

describe('SQLite', () => {
  it('rolls its hot journal back again with journal_mode DELETE and synchronous EXTRA', async (context) => {
    // Of SQLite, LMDB and Redis: npm run campaign:calibration.
    longTest(context);
    requirement(context, 'guest', 'ext4', 'python3 with sqlite3');
    const folder = workFolder((remove) => context.onTestFinished(remove));
    const workload = SQLITE.workload(2, '--journal', 'DELETE', '--synchronous', 'EXTRA');
    const words = ['replay', '--during-recovery', '--json', 'report.json'];
    const { status } = await powercut([...words, '--workload', workload, '--check', SQLITE.check], folder);
    expectWhole(onlyRun(readReport(folder.path('report.json'))));
    expect(status).toBe(0);
  });
});
