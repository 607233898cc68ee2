/**
 * QEMU: a whole machine as a process, with a kernel of a distribution. It sees the host's file system read-only by 9p under a
 * layer of memory, as user-mode Linux does, and runs the same engine. With KVM it is nearly as fast as this machine, without
 * (TCG: every instruction is translated) several times slower than user-mode Linux.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { connectAgent, type Agent } from '../agent/agent.ts';
import { UnavailableError } from '../errors.ts';
import { availableMemoryBytes } from '../host/available-memory.ts';
import { findProgram } from '../host/find-program.ts';
import { Scope } from '../host/scope.ts';
import { scratchFolder } from '../host/scratch.ts';
import { formatByteCount, GIB, MIB } from '../units.ts';
import { GUEST_FD, spawnGuest, toAgentProcess, writeGuestFiles, type GuestOptions } from './guest-process.ts';
import { hostRootInitramfs } from './initramfs.ts';
import { readModules } from './kernel-modules.ts';
import type { GuestKernel } from './kernel.ts';
import { HOST_PLATFORM, platformOf, type Platform } from './platform.ts';
import { qemuWords, type Accelerator } from './qemu-command.ts';

/** TCG has been seen to take 18 to 32 s on two cores that seven others shared. */
const BOOT_DEADLINE_MS = { kvm: 60_000, tcg: 240_000 } as const;
const PROCESSORS_MAX = 4;
const SMALLEST_MEMORY_BYTES = 384 * MIB;
const DEFAULT_MEMORY_BYTES = 4 * GIB;

export interface QemuOptions extends GuestOptions {
  readonly accelerator: Accelerator;
  readonly kernel: GuestKernel;
}

/** Why QEMU cannot be started here, whatever the kernel; undefined when it can be tried. */
export function qemuObstacle(architecture: string = process.arch): string | undefined {
  const platform = platformOf(architecture);
  if (!platform) return `powercut runs QEMU on x86-64 and arm64 only, and this is ${architecture}`;
  const { qemu, qemuPackage } = platform;
  return findProgram(qemu) ? undefined : `${qemu} is not installed (Debian, Ubuntu: apt-get install ${qemuPackage})`;
}

/** @throws UnavailableError where no guest can be started */
export function requirePlatform(): Platform {
  const obstacle = qemuObstacle();
  if (obstacle !== undefined) throw new UnavailableError(obstacle);
  return HOST_PLATFORM!;
}

/** Boots a guest and waits for its engine. @throws UnavailableError, StepError `engine-lost` with the console's tail */
export async function startQemuAgent(options: QemuOptions): Promise<Agent> {
  const platform = requirePlatform();
  const { accelerator, kernel, share } = options;
  const memoryBytes = chooseMemory(options.memoryBytes);
  const modules = await readModules(kernel);
  const scope = new Scope();
  const folder = scratchFolder(scope);
  writeGuestFiles(folder, { machine: 'qemu', share: share ?? '', modules: dirname(kernel.modules) });
  const initramfs = join(folder, 'initramfs');
  writeFileSync(initramfs, hostRootInitramfs(modules, join(folder, 'init'), platform.architecture));
  const words = qemuWords({
    platform,
    accelerator,
    name: basename(folder),
    memoryBytes,
    processors: Math.min(availableParallelism(), PROCESSORS_MAX),
    kernel: kernel.image,
    initramfs,
    console: GUEST_FD.console,
    ports: [GUEST_FD.requests, GUEST_FD.errors],
    root: true,
    ...(share !== undefined && { share }),
  });
  const child = spawnGuest(diesWithUs([platform.qemu, ...words]));
  return connectAgent(toAgentProcess(child, scope, GUEST_FD.requests), BOOT_DEADLINE_MS[accelerator]);
}

/**
 * The engine inside switches the machine off when its requests end, but a machine that hangs, or has not come so far yet,
 * would stay: QEMU itself ends for none of its sockets. setpriv becomes the program that it starts.
 */
export function diesWithUs(argv: readonly string[]): string[] {
  return findProgram('setpriv') ? ['setpriv', '--pdeathsig', 'KILL', ...argv] : [...argv];
}

/** The guest's memory is ordinary memory of the process, and taken as it is touched. */
function chooseMemory(wanted = DEFAULT_MEMORY_BYTES): number {
  const available = availableMemoryBytes();
  const memory = Math.min(wanted, Math.floor(available * 0.9));
  if (memory >= SMALLEST_MEMORY_BYTES) return memory;
  const which =
    wanted < SMALLEST_MEMORY_BYTES
      ? `--vm-memory allows ${formatByteCount(wanted)}`
      : `${formatByteCount(available)} are left`;
  throw new UnavailableError(`the guest needs ${formatByteCount(SMALLEST_MEMORY_BYTES)} of memory, and ${which}`);
}
