/**
 * One run may settle many states: those that agree with it on every block that it read. Here every state of real crash
 * spaces is run, and each must come out as the run that settled it did: the check tells apart whatever a store could see.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Agent } from '../../src/agent/agent.ts';
import { startNativeAgent } from '../../src/agent/native.ts';
import type { TriedState } from '../../src/engine/requests.ts';
import { extentsOf } from '../../src/host/sparse.ts';
import { loadLog } from '../../src/pipeline/load-log.ts';
import { openRecording, type Recording } from '../../src/pipeline/recording.ts';
import { stateIn } from '../../src/replay/crash-space.ts';
import { formatCrashState } from '../../src/replay/state-id.ts';
import { readAtoms } from '../../src/replay/read-atoms.ts';
import { inFlight } from '../../src/replay/strategies/in-flight.ts';
import { torn } from '../../src/replay/strategies/torn.ts';
import type { ProposedSpace, Strategy } from '../../src/replay/strategies/strategy.ts';
import { randomFrom } from '../../src/random.ts';
import { parseDurability } from '../../src/stores/durability.ts';
import { longTest } from './support/requirement.ts';
import { obstacleTo, obstacleToRecording } from './needs.ts';
import { powercut, REPOSITORY } from './support/powercut.ts';

/** Says all that it reads, and reads one of two files: states that differ in what is read differ in the verdict. */
const CHECK = `
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
export default { check({ dir }) {
  const hash = createHash('sha256');
  for (const name of readdirSync(dir, { recursive: true }).sort()) {
    hash.update(name);
    if (!name.endsWith('-wal') && statSync(join(dir, name)).isFile()) hash.update(readFileSync(join(dir, name)));
  }
  return 'corrupt: ' + hash.digest('hex');
} };`;

const SPACES = 8;
const ATOMS = 6;

const folder = mkdtempSync(join(tmpdir(), 'powercut-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function recorded(fs: string): Promise<Recording> {
  const check = join(folder, 'powercut.config.mjs');
  writeFileSync(check, CHECK);
  const workload = `${join(REPOSITORY, 'examples/sqlite/workload')} {dir} 20 --journal WAL --synchronous FULL`;
  const run = await powercut(['record', '--fs', fs, '--workload', workload, '--out', join(folder, fs)], {
    cwd: folder,
  });
  expect(run.status, run.stderr).toBe(0);
  return openRecording(run.stdout.trim());
}

async function opened({ manifest, folder: recording }: Recording): Promise<Agent> {
  const agent = await startNativeAgent();
  const { tracing } = await agent.call('open', {
    folder: recording,
    recordingId: manifest.id,
    filesystem: manifest.filesystem.name,
    mountOptions: manifest.filesystem.mountOptions,
    sectorBytes: manifest.device.sectorBytes,
    check: { module: join(folder, 'powercut.config.mjs') },
    durability: parseDurability([]),
    repeatRecovery: false,
    recoverTimeoutMs: 60_000,
    checkTimeoutMs: 60_000,
    fsck: false,
    reuseVerdicts: false,
    fastForward: 'off',
    scratchDisk: 'loop',
    baseExtents: extentsOf(join(recording, 'base.img')),
    cwd: folder,
    env: {},
  });
  expect(['bpf', 'tracefs']).toContain(tracing);
  return agent;
}

const outcomeOf = ({ verdict, filesystemVerdict }: TriedState): string =>
  createHash('sha256')
    .update(JSON.stringify([verdict, filesystemVerdict]).replace(/loop\d+/g, 'loop'))
    .digest('hex');

/** Runs every subset; each, with what it read, must agree with all others that it would have settled. */
async function holdSettledToRuns(agent: Agent, recording: Recording, { space }: ProposedSpace): Promise<number> {
  const { index } = loadLog(recording);
  const count = 1n << BigInt(space.atoms.length);
  const runs: { subset: bigint; depended: bigint; outcome: string }[] = [];
  for (let subset = 0n; subset < count; subset++) {
    const state = formatCrashState(stateIn(index, space, subset));
    const tried = await agent.call('try', { state, ackCount: 0, anchor: space.anchor ?? null, reads: true });
    expect(tried.reads, state).toBeDefined();
    runs.push({ subset, depended: readAtoms(space.atoms, subset, tried.reads), outcome: outcomeOf(tried) });
  }
  let settled = 0;
  for (const run of runs) {
    for (const other of runs) {
      if (run === other || (run.subset & run.depended) !== (other.subset & run.depended)) continue;
      settled++;
      expect(other.outcome, `of space ${space.anchor}: ${other.subset} as ${run.subset}`).toBe(run.outcome);
    }
  }
  return settled;
}

describe.each(['ext4', 'xfs', 'btrfs'])('on %s', (fs) => {
  const obstacle = obstacleTo(fs.split(':')[0]!) ?? obstacleToRecording();
  const reason = obstacle === undefined ? '' : ` (skipped: ${obstacle})`;
  it.skipIf(obstacle !== undefined)(`every settled state is what it was settled as${reason}`, async (context) => {
    if (fs === 'xfs') longTest(context);
    const recording = await recorded(fs);
    const agent = await opened(recording);
    try {
      const { index } = loadLog(recording);
      const propose = (strategy: Strategy, value: number): ProposedSpace[] =>
        [...strategy.propose({ index, value, random: (stream) => randomFrom(1, stream) })].filter(
          (proposal) => proposal.kind === 'space' && proposal.space.atoms.length <= ATOMS,
        ) as ProposedSpace[];
      const spaces = [...propose(inFlight, 64), ...propose(torn, 4096)].sort(
        (a, b) => (a.space.anchor ?? -1) - (b.space.anchor ?? -1),
      );
      const step = Math.max(1, Math.floor(spaces.length / SPACES));
      let settled = 0;
      for (const space of spaces.filter((_, i) => i % step === 0))
        settled += await holdSettledToRuns(agent, recording, space);
      // Else nothing was proven.
      expect(settled).toBeGreaterThan(20);
    } finally {
      await agent.close();
    }
  });
});
