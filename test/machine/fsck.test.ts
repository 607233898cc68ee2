/** A file system's checker that does not behave costs the state its verdict, and never the run. */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it, type TestContext } from 'vitest';
import { leftovers } from './support/leftovers.ts';
import { APPEND_LOG, powercut, REPOSITORY } from './support/powercut.ts';
import { program } from './support/program.ts';
import { onlyRun, readReport } from './support/report.ts';
import { requirement } from './support/requirement.ts';
import { shared } from './support/shared.ts';
import { workFolder } from './support/work-folder.ts';

const recording = shared(async (folder) => {
  const { status, stdout, stderr } = await powercut(['record', '--workload', APPEND_LOG.workload(2)], folder);
  expect(status, stderr).toBe(0);
  return { folder, path: stdout.trim() };
});

/** @param lines of a program that stands in for e2fsck */
async function replay(context: TestContext, ...lines: readonly string[]) {
  requirement(context, 'guest', 'native replay', 'ext4');
  const { folder, path } = await recording();
  const name = context.task.id;
  mkdirSync(folder.path(name));
  program(folder, `${name}/e2fsck`, ...lines);
  const env = { ...folder.env, PATH: [folder.path(name), process.env['PATH']].join(delimiter) };
  const options = ['--fsck', '--check-timeout', '1s', '--json', `${name}.json`];
  const { status, stderr } = await powercut(['replay', path, ...options], { ...folder, env });
  expect(leftovers(folder)).toEqual([]);
  return { status, stderr, run: onlyRun(readReport(folder.path(`${name}.json`))) };
}

it.for([
  [
    'hangs',
    'trap "" TERM; sleep 600 & sleep 600',
    /^e2fsck -f -n \/dev\/loop\d+ was still running at its limit of 1 s/,
  ],
  [
    'is killed',
    'echo out of memory >&2; kill -9 $$',
    /was ended by SIGKILL; its standard error ended with: out of memory/,
  ],
] as const)('one that %s leaves every state unknown', async ([, line, reason], context) => {
  const { status, run, stderr } = await replay(context, line);
  expect(status, stderr).toBe(2);
  expect(run.states.tested).toBe(run.states.distinct);
  expect(run.states.unknown).toBe(run.states.tested);
  expect(run.unknowns![0]!.reason).toMatch(reason);
  expect(run.findings).toEqual([]);
});

it('one that finds something is believed', async (context) => {
  const { status, run } = await replay(context, 'echo "Inode 12 is bad. Fix? no"; exit 4');
  expect(status).toBe(1);
  expect(run.findings).toMatchObject([{ class: 'fsck', blamed: 'filesystem', states: run.states.tested }]);
  expect(run.findings[0]!.message).toContain('Inode 12 is bad');
});

// btrfs writes past the device's page cache, and a page that somebody has mapped outlives both the unmount and BLKFLSBUF.
it("one that reads through the page cache does not see what somebody's looking has left there", async (context) => {
  requirement(context, 'guest', 'native replay', 'btrfs');
  const folder = workFolder((remove) => context.onTestFinished(remove));
  const recorded = await powercut(['record', '--fs', 'btrfs', '--workload', APPEND_LOG.workload(4)], folder);
  expect(recorded.status, recorded.stderr).toBe(0);
  const monitor = spawn('python3', [join(REPOSITORY, 'test/machine/support/map-disks.py'), folder.temporary]);
  context.onTestFinished(() => void monitor.kill('SIGKILL'));
  const words = ['--fsck', '--workers', '1', '--check', 'true', '--no-reuse', '--json', 'report.json'];
  const { status, stderr } = await powercut(['replay', recorded.stdout.trim(), ...words], folder);
  expect(status, stderr).toBe(0);
  const { states, findings } = onlyRun(readReport(folder.path('report.json')));
  expect({ findings, unknown: states.unknown }).toEqual({ findings: [], unknown: 0 });
});
