/** Chooses the kernel that records and the one that replays: probed, never assumed, always told. */
import { release } from 'node:os';
import type { Agent } from '../agent/agent.ts';
import { startNativeAgent } from '../agent/native.ts';
import type { ProbeResult } from '../engine/requests.ts';
import { UnavailableError } from '../errors.ts';
import { startUmlAgent, umlObstacle, umlVersion } from '../guest/uml.ts';

export const VM_CHOICES = ['auto', 'off', 'uml', 'kvm', 'tcg'] as const;
export type VmChoice = (typeof VM_CHOICES)[number];

export interface Runner {
  readonly kind: 'native' | 'uml';
  /** Version of the kernel. */
  readonly kernel: string;
  /** For people: which kernel, and why this one. */
  readonly description: string;
  /** @param share the only folder that a guest may write to */
  start(share?: string): Promise<Agent>;
}

export interface RunnerWish {
  readonly vm: VmChoice;
  /** Bytes. */
  readonly vmMemoryBytes?: number;
}

/** For recording: this kernel's own dm-log-writes, else a guest. */
export function chooseRecorder(wish: RunnerWish): Promise<Runner> {
  return choose(wish, (probe) => {
    if (!probe.loop) return 'has no loop devices';
    return probe.logWrites === undefined ? 'has no dm-log-writes' : undefined;
  });
}

/** For replaying: this kernel when it has loop devices and the file system, whoever recorded; else a guest. */
export function chooseReplayer(wish: RunnerWish, filesystem: string): Promise<Runner> {
  return choose(wish, (probe) => {
    if (!probe.loop) return 'has no loop devices';
    return probe.filesystems.includes(filesystem) ? undefined : `has no ${filesystem}`;
  });
}

async function choose(wish: RunnerWish, obstacleIn: (probe: ProbeResult) => string | undefined): Promise<Runner> {
  if (wish.vm === 'kvm' || wish.vm === 'tcg') {
    throw new UnavailableError(
      `--vm ${wish.vm}: this version of powercut has no QEMU guest yet; use --vm uml or --vm auto`,
    );
  }
  if (wish.vm === 'uml') return umlRunner(wish, 'asked for with --vm uml');
  const obstacle = await nativeObstacle(obstacleIn);
  if (obstacle === undefined) return nativeRunner;
  if (wish.vm === 'auto' && umlObstacle() === undefined) return umlRunner(wish, obstacle);
  const guest = wish.vm === 'off' ? 'guests are switched off (--vm off)' : umlObstacle();
  throw new UnavailableError(`this machine cannot do it: ${obstacle}; and ${guest}. See: powercut doctor`);
}

const nativeRunner: Runner = {
  kind: 'native',
  kernel: release(),
  description: `this kernel, ${release()}`,
  start: () => startNativeAgent(),
};

async function umlRunner(wish: RunnerWish, why: string): Promise<Runner> {
  const kernel = await umlVersion();
  return {
    kind: 'uml',
    kernel,
    description: `a guest, user-mode Linux ${kernel} (${why})`,
    start: (share) =>
      startUmlAgent({
        ...(share !== undefined && { share }),
        ...(wish.vmMemoryBytes !== undefined && { memoryBytes: wish.vmMemoryBytes }),
      }),
  };
}

async function nativeObstacle(obstacleIn: (probe: ProbeResult) => string | undefined): Promise<string | undefined> {
  if (process.geteuid?.() !== 0) return 'not running as root';
  let agent: Agent;
  try {
    agent = await startNativeAgent();
  } catch (error) {
    return `no mount namespace for an engine on this kernel (${(error as Error).message.split('\n', 1)[0]})`;
  }
  try {
    const obstacle = obstacleIn(await agent.call('probe', {}));
    return obstacle && `this kernel, ${release()}, ${obstacle}`;
  } finally {
    await agent.close();
  }
}
