/** Chooses the kernel that records and the one that replays: probed, never assumed, always told. */
import { release } from 'node:os';
import type { Agent } from '../agent/agent.ts';
import { startNativeAgent } from '../agent/native.ts';
import type { ProbeResult } from '../engine/requests.ts';
import { messageOf, UnavailableError, UsageError } from '../errors.ts';
import { findGuest, GUEST_KINDS, GUEST_NAMES, type Guest, type GuestKind } from '../guest/guests.ts';
import { oneLine } from '../one-line.ts';

export const VM_CHOICES = ['auto', 'off', 'uml', 'kvm', 'tcg'] as const;
export type VmChoice = (typeof VM_CHOICES)[number];

export interface Runner {
  readonly kind: 'native' | GuestKind;
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
  /** The kernel that a QEMU guest boots: `host`, a version, or the path of an image or an unpacked package. */
  readonly kernel?: string;
}

/**
 * For recording: this kernel, when it has dm-log-writes and the file system; else a guest.
 * @param ioError whether writes are to fail
 */
export function chooseRecorder(wish: RunnerWish, filesystem: string, ioError: boolean): Promise<Runner> {
  return choose(wish, (probe) => {
    if (!probe.loop) return 'has no loop devices';
    if (probe.logWrites === undefined) return 'has no dm-log-writes';
    if (ioError && probe.flakey === undefined) return 'has no dm-flakey, with which --io-error makes writes fail';
    return probe.filesystems.includes(filesystem) ? undefined : `has no ${filesystem}`;
  });
}

/**
 * For replaying: this kernel when it has loop devices and the file system, whoever recorded; else a guest.
 * @param records whether it has to record too, as for power cuts during recovery
 */
export function chooseReplayer(wish: RunnerWish, filesystem: string, records: boolean): Promise<Runner> {
  return choose(wish, (probe) => {
    if (!probe.loop) return 'has no loop devices';
    if (!probe.filesystems.includes(filesystem)) return `has no ${filesystem}`;
    const lacks = records && probe.logWrites === undefined;
    return lacks ? 'has no dm-log-writes, with which the writes of a recovery are recorded' : undefined;
  });
}

async function choose(wish: RunnerWish, obstacleIn: (probe: ProbeResult) => string | undefined): Promise<Runner> {
  const { vm, kernel } = wish;
  if (kernel !== undefined && (vm === 'off' || vm === 'uml')) {
    throw new UsageError(`--kernel says what a QEMU guest boots, and --vm ${vm} has none: use --vm auto, kvm or tcg`);
  }
  if (vm !== 'auto' && vm !== 'off') return askedGuest([vm], wish, `asked for with --vm ${vm}`);
  if (kernel !== undefined) return askedGuest(['kvm', 'tcg'], wish, 'asked for with --kernel');
  const obstacle = await nativeObstacle(obstacleIn);
  if (obstacle === undefined) return nativeRunner;
  if (vm === 'off') throw cannot([obstacle, 'guests are switched off (--vm off)']);
  const { guest, obstacles } = await firstGuest(GUEST_KINDS, wish);
  if (!guest) throw cannot([obstacle, ...obstacles]);
  return runnerOf(guest, wish, obstacle);
}

async function askedGuest(kinds: readonly GuestKind[], wish: RunnerWish, why: string): Promise<Runner> {
  const { guest, obstacles } = await firstGuest(kinds, wish);
  if (!guest) throw cannot(obstacles);
  return runnerOf(guest, wish, why);
}

const cannot = (reasons: readonly string[]): UnavailableError =>
  new UnavailableError(`this machine cannot do it: ${reasons.join('; ')}. See: powercut doctor`);

const nativeRunner: Runner = {
  kind: 'native',
  kernel: release(),
  description: `this kernel, ${release()}`,
  start: () => startNativeAgent(),
};

/** The first of these kinds that can be had, and why those before it cannot. */
async function firstGuest(
  kinds: readonly GuestKind[],
  { kernel }: RunnerWish,
): Promise<{ guest?: Guest; obstacles: readonly string[] }> {
  const obstacles: string[] = [];
  for (const kind of kinds) {
    try {
      return { guest: await findGuest(kind, { kernel }), obstacles };
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      obstacles.push(`${GUEST_NAMES[kind]}: ${error.message}`);
    }
  }
  return { obstacles };
}

function runnerOf({ kind, kernel, start }: Guest, wish: RunnerWish, why: string): Runner {
  return {
    kind,
    kernel,
    description: `a guest, ${GUEST_NAMES[kind]}${kind === 'uml' ? '' : ', kernel'} ${kernel} (${why})`,
    start: (share) =>
      start({
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
    return `no mount namespace for an engine on this kernel (${oneLine(messageOf(error))})`;
  }
  try {
    const obstacle = obstacleIn(await agent.call('probe', {}));
    return obstacle && `this kernel, ${release()}, ${obstacle}`;
  } finally {
    await agent.close();
  }
}
