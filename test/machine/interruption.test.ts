/** Whenever it is stopped, and however: nothing of it stays for good, and the next run works. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { describeProcess, leftovers, processesOf, withoutProcesses } from './support/leftovers.ts';
import { APPEND_LOG, powercut, startPowercut, type RunningPowercut } from './support/powercut.ts';
import { onlyRun, readReport } from './support/report.ts';
import { requirement } from './support/requirement.ts';
import { shared } from './support/shared.ts';
import { workFolder, type WorkFolder } from './support/work-folder.ts';

const POLL_MS = 20;
const FORCED_END_MS = 14_000;
/** Until this a recording of here is under way for sure, since its workload does not end; and so for a replay. */
const RECORDING_MS = 7000;
const REPLAYING_MS = 4000;

const ENDLESS_WORKLOAD = ['--workload', `sh -c '${APPEND_LOG.workload(3)} && sleep 600'`];
const SLOW_CHECK = ['--check', 'sleep 2'];

const seed = Number(process.env['POWERCUT_TEST_SEED'] ?? Date.now() % 1_000_000);
beforeAll(() => void process.stderr.write(`interruption: POWERCUT_TEST_SEED=${seed}\n`));

/** Times below the limit, the same for a seed. */
function moments(count: number, limitMs: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const draw = createHash('sha256').update(`${seed} ${i}`).digest().readUInt32LE(0);
    return Math.floor((draw / 2 ** 32) * limitMs);
  });
}

function begin(context: TestContext): WorkFolder {
  requirement(context, 'guest', 'native replay', 'ext4');
  return workFolder((remove) => context.onTestFinished(remove));
}

/** @returns the folder of a recording, which replaying does not change */
const recorded = shared(async (folder) => {
  const { stdout, stderr } = await powercut(['record', '--workload', APPEND_LOG.workload(4)], folder);
  expect(stdout, stderr).not.toBe('');
  return stdout.trim();
});

async function sigint(run: RunningPowercut): Promise<void> {
  const before = performance.now();
  run.kill('SIGINT');
  const { status, stdout, stderr } = await run.ended;
  // Not how fast it is: an engine that waits for something that never comes is ended after 15 s.
  expect(performance.now() - before).toBeLessThan(FORCED_END_MS);
  expect({ status, stdout }).toEqual({ status: 130, stdout: '' });
  expect(stderr).toContain('powercut: interrupted by SIGINT');
}

async function killHard(run: RunningPowercut, folder: WorkFolder): Promise<void> {
  run.kill('SIGKILL');
  expect((await run.ended).status).toBe(null);
  await withoutProcesses(folder);
}

describe.concurrent('Ctrl-C', () => {
  it('ends a recording', async (context) => {
    const folder = begin(context);
    const run = startPowercut(['record', ...ENDLESS_WORKLOAD], folder);
    await run.said(/^recording ext4/m);
    await sleep(RECORDING_MS);
    await sigint(run);
    expect(leftovers(folder)).toEqual([]);
  });

  it('ends a replay', async (context) => {
    const folder = begin(context);
    const run = startPowercut(['replay', await recorded(), ...SLOW_CHECK], folder);
    await commandOf(folder, 'sleep 2');
    await sigint(run);
    expect(leftovers(folder)).toEqual([]);
  });
});

describe.concurrent('kill -9', () => {
  it.for(moments(3, RECORDING_MS))('while recording, after %d ms', async (afterMs, context) => {
    const folder = begin(context);
    const run = startPowercut(['record', ...ENDLESS_WORKLOAD], folder);
    await sleep(afterMs);
    await killHard(run, folder);
    const { status } = await powercut(['clean'], folder);
    expect(status).toBe(0);
    expect(leftovers(folder)).toEqual([]);
  });

  it('while replaying, at several moments; the next run removes what is left, and works', async (context) => {
    const folder = begin(context);
    const folderOfRecording = await recorded();
    for (const afterMs of moments(4, REPLAYING_MS)) {
      const run = startPowercut(['replay', folderOfRecording, ...SLOW_CHECK], folder);
      await sleep(afterMs);
      await killHard(run, folder);
    }
    const { status, stderr } = await powercut(['replay', folderOfRecording, '--check', 'true'], folder);
    expect(status, stderr).toBe(0);
    expect(leftovers(folder)).toEqual([]);
  });
});

describe.concurrent('kill -9 of an engine', () => {
  it('costs one state, whose verdict is unknown; the run goes on', async (context) => {
    const folder = begin(context);
    const run = startPowercut(['replay', await recorded(), '--json', 'report.json', ...SLOW_CHECK], folder);
    const command = await commandOf(folder, 'sleep 2');
    process.kill(engineOf(command), 'SIGKILL');
    const { status, stderr } = await run.ended;
    expect(status, stderr).toBe(2);
    const report = readReport(folder.path('report.json'));
    const { states, unknowns } = onlyRun(report);
    expect(report.verdict).toBe('unknown');
    expect(states).toMatchObject({ tested: states.distinct, unknown: 1, violated: 0 });
    expect(unknowns).toEqual([expect.objectContaining({ reason: expect.stringContaining('engine died'), states: 1 })]);
  });

  it('leaves nothing that `powercut clean` does not remove, not even a check that would run for ever', async (context) => {
    const folder = begin(context);
    const run = startPowercut(['replay', await recorded(), '--workers', '1', '--check', 'sleep 600'], folder);
    const command = await commandOf(folder, 'sleep 600');
    const engine = engineOf(command);
    run.kill('SIGSTOP');
    process.kill(engine, 'SIGKILL');
    run.kill('SIGKILL');
    await run.ended;
    expect((await powercut(['clean'], folder)).status).toBe(0);
    await withoutProcesses(folder);
    expect(leftovers(folder)).toEqual([]);
  });
});

/** Waits for a process of a run's with this command line. @returns its pid */
async function commandOf(folder: WorkFolder, commandLine: string): Promise<number> {
  for (;;) {
    const found = processesOf(folder).find((pid) => describeProcess(pid).endsWith(`: ${commandLine}`));
    if (found !== undefined) return found;
    await sleep(POLL_MS);
  }
}

/** The nearest ancestor that is an engine. */
function engineOf(pid: number): number {
  const parent = Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]);
  return describeProcess(parent).endsWith('dist/bin/engine.js') ? parent : engineOf(parent);
}
