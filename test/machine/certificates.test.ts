/** Recordings made now: the checker that shares nothing with the planner proves what the strategies make of them. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { indexLog, type LogIndex } from '../../src/dmlog/log-index.ts';
import { openLogFile } from '../../src/dmlog/log-source.ts';
import { formatCrashState } from '../../src/replay/state-id.ts';
import type { Strategy } from '../../src/replay/strategies/strategy.ts';
import { readLog, type ReadLog } from '../../src/verify/log.ts';
import { everyState, PROVABLE } from '../replay/every-state.ts';
import { certify, prove } from '../verify/prove.ts';
import { APPEND_LOG, powercut } from './support/powercut.ts';
import { readReport } from './support/report.ts';
import { requirement } from './support/requirement.ts';
import { shared } from './support/shared.ts';

const FILESYSTEMS = ['ext4:data=ordered', 'ext4:data=journal', 'ext4:data=writeback', 'xfs', 'btrfs'];
/** Of one strategy on one log, spread over it; a log of a thousand writes has more than can be proved in a minute. */
const STATES_MAX = 250;

const recordings = shared(async (folder) => {
  const specs = FILESYSTEMS.flatMap((spec) => ['--fs', spec]);
  const workload = APPEND_LOG.workload(6, '--fault', 'ack-before-fsync');
  const { status, stdout, stderr } = await powercut(
    ['record', ...specs, '--workload', workload, ...APPEND_LOG.called],
    folder,
  );
  expect(status, stderr).toBe(0);
  return {
    folder,
    paths: stdout
      .trim()
      .split('\n')
      .map((path) => resolve(folder.cwd, path)),
  };
});

function indexAt(path: string): LogIndex {
  const source = openLogFile(path);
  try {
    return indexLog(source);
  } finally {
    source.close();
  }
}

/** @returns how many states were proved */
function proveAll(strategy: Strategy, value: number, index: LogIndex, log: ReadLog): number {
  const states = [...everyState(strategy, value, index)];
  const everyNth = Math.ceil(states.length / STATES_MAX);
  const chosen = states.filter((_, i) => i % everyNth === 0);
  for (const state of chosen) {
    expect(prove(certify(index, log.sha256, state), log), formatCrashState(state)).toBeUndefined();
  }
  return chosen.length;
}

describe('every strategy on a new recording', () => {
  it.for(FILESYSTEMS)('proposes nothing but legal states: %s', async (spec, context) => {
    requirement(context, 'guest', 'ext4', 'xfs', 'btrfs');
    const { paths } = await recordings();
    const path = join(paths[FILESYSTEMS.indexOf(spec)]!, 'log');
    const [index, log] = [indexAt(path), readLog(path)];
    const proved = PROVABLE.map(([, strategy, value]) => proveAll(strategy, value, index, log));
    // Not of each strategy: where every write is one block of 4096 bytes, none can be torn there.
    expect(proved.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(100);
  });
});

describe('powercut verify', () => {
  it('proves the findings of a replay from their report, and refuses them once they say something else', async (context) => {
    requirement(context, 'guest', 'native replay', 'ext4', 'xfs', 'btrfs');
    const { folder, paths } = await recordings();
    const words = ['--each-barrier', '--in-flight=4', '--torn', '--drop-flush', ...APPEND_LOG.called];
    await powercut(['replay', paths[0]!, ...words, '--json', 'report.json'], folder);
    const report = readReport(folder.path('report.json'));
    const [run] = report.runs;
    expect(run!.findings.length).toBeGreaterThan(0);

    const { status, stdout } = await powercut(['verify', 'report.json'], folder);
    expect(stdout.trimEnd().split('\n')).toHaveLength(run!.findings.length);
    expect(stdout).toMatch(/^(legal: .*\n)+$/);
    expect(status).toBe(0);

    const [finding] = run!.findings;
    const other = { ...finding!, certificate: { ...finding!.certificate!, cutBefore: 0 } };
    writeFileSync(folder.path('other.json'), JSON.stringify(other));
    const refused = await powercut(['verify', 'other.json', paths[0]!], folder);
    expect(refused.stdout).toMatch(/^illegal: other\.json, .*the power went before entry 0/);
    expect(refused.status).toBe(1);
    expect((await powercut(['verify', 'other.json', paths[1]!], folder)).status).toBe(64);
  });
});
