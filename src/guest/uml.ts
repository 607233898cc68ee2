/**
 * User-mode Linux: a Linux kernel as an ordinary process. It needs no root, no KVM and no modules of the host's kernel,
 * boots the host's own file system (read-only, through hostfs) in about two seconds, and brings dm-log-writes along.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { connectAgent, type Agent, type AgentProcess } from '../agent/agent.ts';
import { tailKeeper } from '../agent/tail-keeper.ts';
import { UnavailableError } from '../errors.ts';
import { findProgram } from '../host/find-program.ts';
import { packageFile, programFile } from '../host/program-file.ts';
import { requireTool } from '../host/run-tool.ts';
import { Scope } from '../host/scope.ts';
import { scratchFolder } from '../host/scratch.ts';
import { formatByteCount, GIB, MIB } from '../units.ts';

const KERNEL = 'linux.uml';
const BOOT_DEADLINE_MS = 90_000;
const SMALLEST_MEMORY_BYTES = 384 * MIB;
const DEFAULT_MEMORY_BYTES = 4 * GIB;
/** Descriptors, in the guest's process, of its console's output and of tty1's input, tty1's output and tty2's output. */
const FD = { console: 3, requests: 4, answers: 5, errors: 6 } as const;

export interface UmlOptions {
  /** The only folder of the host that the guest may write to, if any; it has the same path inside. */
  readonly share?: string;
  /** Upper bound of the guest's memory, bytes; the host gives only what is touched. */
  readonly memoryBytes?: number;
}

/** Why no guest can be started here; undefined when it can be tried. */
export function umlObstacle(): string | undefined {
  if (process.arch !== 'x64') return 'user-mode Linux exists for x86-64 only';
  if (!findProgram(KERNEL)) return `${KERNEL} is not installed (Debian, Ubuntu: apt-get install user-mode-linux)`;
  if (!existsSync('/usr/lib/uml/modules'))
    return '/usr/lib/uml/modules is missing (Debian, Ubuntu: apt-get install user-mode-linux)';
  return undefined;
}

/** The guest kernel's version, such as 6.1.176. @throws UnavailableError when there is no guest */
export async function umlVersion(): Promise<string> {
  const obstacle = umlObstacle();
  if (obstacle) throw new UnavailableError(obstacle);
  return (await requireTool([KERNEL, '--version'], 'asking user-mode Linux for its version')).trim();
}

/** Boots a guest and waits for its engine. @throws UnavailableError, StepError `engine-lost` with the console's tail */
export async function startUmlAgent(options: UmlOptions): Promise<Agent> {
  const obstacle = umlObstacle();
  if (obstacle) throw new UnavailableError(obstacle);
  const scope = new Scope();
  const folder = scratchFolder(scope);
  writeGuestFiles(folder, options.share ?? '');
  const child = boot(folder, chooseMemory(options.memoryBytes));
  return connectAgent(toAgentProcess(child, scope), BOOT_DEADLINE_MS);
}

/** What vm/init reads: a copy of itself, since the package may lie where a kernel command line cannot name it. */
function writeGuestFiles(folder: string, share: string): void {
  copyFileSync(packageFile('vm/init'), join(folder, 'init'));
  writeFileSync(join(folder, 'share'), `${share}\n`);
  writeFileSync(join(folder, 'node'), `${process.execPath}\n`);
  writeFileSync(join(folder, 'main'), `${programFile('agent/main.js')}\n`);
  mkdirSync(join(folder, 'uml'));
}

function boot(folder: string, memoryBytes: number): ChildProcess {
  const argv = [
    `mem=${Math.floor(memoryBytes / MIB)}M`,
    'root=/dev/root',
    'rootfstype=hostfs',
    'rootflags=/',
    'ro',
    `init=${join(folder, 'init')}`,
    `uml_dir=${join(folder, 'uml')}`,
    'con=null',
    `con0=null,fd:${FD.console}`,
    `con1=fd:${FD.requests},fd:${FD.answers}`,
    `con2=null,fd:${FD.errors}`,
    'quiet',
    'panic=-1',
  ];
  // No PR_SET_PDEATHSIG: it would end the kernel's process only, and leave those that hold its programs' memory. When we
  // die, the engine inside reads the end of its requests and switches the machine off.
  return spawn(KERNEL, argv, {
    cwd: '/',
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
}

function toAgentProcess(child: ChildProcess, scope: Scope): AgentProcess {
  const stream = (fd: number): Duplex => child.stdio[fd] as Duplex;
  const console = tailKeeper(stream(FD.console));
  const errors = tailKeeper(stream(FD.errors));
  const gone = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  }).then(async () => {
    killGroup(child);
    await scope.release();
  });
  return {
    answers: stream(FD.answers),
    requests: stream(FD.requests),
    gone,
    kill: () => killGroup(child),
    lastWords: () => [errors(), console()].filter(Boolean).join('\n'),
  };
}

/** The kernel's process and those that hold its guests' address spaces. */
function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nothing is left of it.
  }
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
