/**
 * User-mode Linux: a Linux kernel as an ordinary process. It needs no root, no KVM and no modules of the host's kernel,
 * boots the host's own file system (read-only, through hostfs) in about two seconds, and brings dm-log-writes along.
 */
import { existsSync, mkdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectAgent, type Agent } from '../agent/agent.ts';
import { UnavailableError } from '../errors.ts';
import { findProgram } from '../host/find-program.ts';
import { requireTool } from '../host/run-tool.ts';
import { Scope } from '../host/scope.ts';
import { scratchFolder } from '../host/scratch.ts';
import { formatByteCount, GIB, MIB } from '../units.ts';
import {
  GUEST_FD,
  spawnGuest,
  toAgentProcess,
  writeGuestFiles,
  type GuestOptions,
  type GuestProcess,
} from './guest-process.ts';

const KERNEL = 'linux.uml';
const BOOT_DEADLINE_MS = 90_000;
const SMALLEST_MEMORY_BYTES = 384 * MIB;
const DEFAULT_MEMORY_BYTES = 4 * GIB;
const MODULES = '/usr/lib/uml/modules';

/** Why no guest can be started here; undefined when it can be tried. */
export function umlObstacle(architecture: string = process.arch): string | undefined {
  if (architecture !== 'x64') return `user-mode Linux exists for x86-64 only, and this is ${architecture}`;
  if (!findProgram(KERNEL)) return `${KERNEL} is not installed (Debian, Ubuntu: apt-get install user-mode-linux)`;
  if (!existsSync(MODULES)) return `${MODULES} is missing (Debian, Ubuntu: apt-get install user-mode-linux)`;
  return undefined;
}

/** The guest kernel's version, such as 6.1.176. @throws UnavailableError when there is no guest */
export async function umlVersion(): Promise<string> {
  const obstacle = umlObstacle();
  if (obstacle) throw new UnavailableError(obstacle);
  return (await requireTool([KERNEL, '--version'], 'asking user-mode Linux for its version')).trim();
}

/** Boots a guest and waits for its engine. @throws UnavailableError, StepError `engine-lost` with the console's tail */
export async function startUmlAgent(options: GuestOptions): Promise<Agent> {
  const obstacle = umlObstacle();
  if (obstacle) throw new UnavailableError(obstacle);
  const memoryBytes = chooseMemory(options.memoryBytes);
  const scope = new Scope();
  const folder = scratchFolder(scope);
  writeGuestFiles(folder, { machine: 'uml', share: options.share ?? '', modules: MODULES });
  mkdirSync(join(folder, 'uml'));
  const child = boot(folder, memoryBytes);
  return connectAgent(toAgentProcess(child, scope), BOOT_DEADLINE_MS);
}

function boot(folder: string, memoryBytes: number): GuestProcess {
  const argv = [
    `mem=${Math.floor(memoryBytes / MIB)}M`,
    'root=/dev/root',
    'rootfstype=hostfs',
    'rootflags=/',
    'ro',
    `init=${join(folder, 'init')}`,
    `uml_dir=${join(folder, 'uml')}`,
    'con=null',
    `con0=null,fd:${GUEST_FD.console}`,
    `con1=fd:${GUEST_FD.requests},fd:${GUEST_FD.answers}`,
    `con2=null,fd:${GUEST_FD.errors}`,
    'quiet',
    'panic=-1',
    // The kernel measures for 0.85 s which of its ways to compute RAID 6 is the fastest (lib/raid6/algos.c); of our one disk
    // there is none to be computed.
    'initcall_blacklist=raid6_select_algo',
  ];
  // No PR_SET_PDEATHSIG: it would end the kernel's process only, and leave those that hold its programs' memory. When we
  // die, the engine inside reads the end of its requests and switches the machine off.
  return spawnGuest([KERNEL, ...argv]);
}

/**
 * The guest's memory is a file in a tmpfs, by default /dev/shm; a page that does not fit there is the guest's death, so
 * in a container with a small /dev/shm the guest gets less.
 */
function chooseMemory(wanted = DEFAULT_MEMORY_BYTES): number {
  const folder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const { bavail, bsize } = statfsSync(folder);
  const memory = Math.min(wanted, Math.floor(bavail * bsize * 0.9));
  if (memory >= SMALLEST_MEMORY_BYTES) return memory;
  throw new UnavailableError(
    `the guest needs ${formatByteCount(SMALLEST_MEMORY_BYTES)} in ${folder}, which has ${formatByteCount(bavail * bsize)} ` +
      'left: give the container more (docker run --shm-size=2g)',
  );
}
