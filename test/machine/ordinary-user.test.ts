/** No root at all: both halves in a guest, for a user who may do nothing on this machine but start programs. */
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import { leftovers } from './support/leftovers.ts';
import { APPEND_LOG, CLI, powercut, type Run } from './support/powercut.ts';
import { onlyRun, readReport } from './support/report.ts';
import { longTest, missing, requirement } from './support/requirement.ts';
import { workFolder } from './support/work-folder.ts';

const NOBODY = 65534;
const OPERATIONS = 4;

async function replayAsNobody(
  context: TestContext,
  ...words: readonly (string | number)[]
): Promise<{ run: Run; report: Report }> {
  requirement(context, 'root', 'guest', 'ext4');
  const folder = workFolder((remove) => context.onTestFinished(remove), NOBODY);
  const options = { ...folder, uid: NOBODY };
  // A checkout below /root is nothing that another user could start.
  const { status, stderr } = await powercut(['--version'], options);
  if (status !== 0) missing(context, `user ${NOBODY} cannot start powercut: ${stderr}`);

  const before = filesOfNobody();
  const store = ['--workload', APPEND_LOG.workload(OPERATIONS, ...words), '--check', APPEND_LOG.check];
  const run = await powercut(['replay', '--max-findings', '1', '--json', 'report.json', ...store], options);
  const report = readReport(folder.path('report.json'));
  expect(leftovers(folder)).toEqual([]);
  expect(filesOfNobody()).toEqual(before);
  const made = readdirSync(folder.cwd, { recursive: true, encoding: 'utf8' });
  expect(made.filter((path) => statSync(folder.path(path)).uid !== NOBODY)).toEqual([]);
  expect(made.some((path) => path.endsWith('/final.img'))).toBe(true);
  return { run, report };
}

/** In the folders that anyone may write to. Work folders are the tests' own. */
function filesOfNobody(): string[] {
  return ['/tmp', '/var/tmp', '/dev/shm', '/run'].flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => !name.startsWith('powercut-test-'))
      .map((name) => join(folder, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.uid === NOBODY),
  );
}

describe.concurrent('an ordinary user', () => {
  it('sees a sound store pass', async (context) => {
    longTest(context);
    const { run, report } = await replayAsNobody(context);
    expect({ status: run.status, verdict: report.verdict }).toEqual({ status: 0, verdict: 'ok' });
    expect(report.environment.runner).toMatch(/^a guest, user-mode Linux \S+ \(not running as root\)$/);
    const { states } = onlyRun(report);
    expect(states.tested).toBe(states.distinct);
    expect(states.tested).toBeGreaterThan(0);
  });

  it('sees a faulty store caught', async (context) => {
    const { run, report } = await replayAsNobody(context, '--fault', 'ack-before-fsync');
    expect({ status: run.status, verdict: report.verdict }).toEqual({ status: 1, verdict: 'violated' });
    expect(report.environment.runner).toContain('user-mode Linux');
    expect(onlyRun(report).findings).toEqual([expect.objectContaining({ class: 'lost', blamed: 'store' })]);
  });

  // Every run begins with it, and systemd mounts tracefs on each machine that it starts, for root alone to look into.
  it('cleans up on a machine that has tracefs mounted', (context) => {
    requirement(context, 'root');
    const asNobody = `exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups`;
    const mounted = 'mountpoint -q /sys/kernel/tracing || mount -t tracefs none /sys/kernel/tracing';
    const script = `(${mounted}) && cd / && ${asNobody} "$0" "$1" clean`;
    const { status, stderr } = spawnSync(
      'unshare',
      ['--mount', '--propagation', 'private', 'sh', '-c', script, process.execPath, CLI],
      { encoding: 'utf8' },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
