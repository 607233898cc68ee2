/** A guest is an ordinary process of this machine; what is the same whichever kind of machine it plays. */
import { spawn, type ChildProcess } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentProcess } from '../agent/agent.ts';
import { lineSplitter } from '../agent/protocol.ts';
import { tailKeeper } from '../agent/tail-keeper.ts';
import { searchPath } from '../host/find-program.ts';
import { killGroup } from '../host/kill-group.ts';
import { packageFile, programFile } from '../host/program-file.ts';
import type { Scope } from '../host/scope.ts';

/**
 * Descriptors in the guest's process. `console` carries the kernel's words out, `errors` the engine's standard error;
 * requests come in and answers go out by the last two, which a machine that reads and writes one of them may join.
 */
export const GUEST_FD = { console: 3, errors: 4, requests: 5, answers: 6 } as const;

export type GuestProcess = ChildProcess;

const LAST_WORDS_MS = 500;

export interface GuestOptions {
  /** The only folder of the host that the guest may write to, if any; it has the same path inside. */
  readonly share?: string;
  /** Upper bound of the guest's memory, bytes; the host gives only what is touched. */
  readonly memoryBytes?: number;
}

/** What vm/init is told, one file of one line each beside it. */
export interface GuestFiles {
  readonly machine: 'uml' | 'qemu';
  readonly share: string;
  /** Has a folder named for the kernel's version, with its modules, for what is loaded on demand. */
  readonly modules: string;
}

/** Puts vm/init with what it reads into a folder: a copy, since the package may lie where a kernel command line cannot name it. */
export function writeGuestFiles(folder: string, files: GuestFiles): void {
  copyFileSync(packageFile('vm/init'), join(folder, 'init'));
  const programs = { node: process.execPath, main: programFile('engine.js') };
  for (const [name, line] of Object.entries({ ...files, ...programs })) writeFileSync(join(folder, name), `${line}\n`);
}

/** Each descriptor of GUEST_FD is a socket. @param argv the machine's program and its words */
export function spawnGuest([program = '', ...words]: readonly string[]): GuestProcess {
  return spawn(program, words, {
    cwd: '/',
    env: { ...process.env, PATH: searchPath() },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    // A process group of its own: a Ctrl-C is for powercut, which then lets the engine clean up.
    detached: true,
  });
}

export const guestStream = (child: GuestProcess, fd: number): Duplex => child.stdio[fd] as Duplex;

/** @param scope released when the guest is gone */
export function toAgentProcess(child: GuestProcess, scope: Scope, answers: number = GUEST_FD.answers): AgentProcess {
  const streams = [child.stderr!, guestStream(child, GUEST_FD.errors), guestStream(child, GUEST_FD.console)];
  const panic = panicKeeper(guestStream(child, GUEST_FD.console));
  const tails = streams.map(tailKeeper);
  const read = allIsRead(child);
  return {
    answers: guestStream(child, answers),
    requests: guestStream(child, GUEST_FD.requests),
    gone: endOf(child).then(async () => {
      killGroup(child);
      await read();
      await scope.release();
    }),
    kill: () => killGroup(child),
    lastWords: () =>
      [panic, ...tails]
        .map((tell) => tell())
        .filter(Boolean)
        .join('\n'),
  };
}

/** Why a kernel panicked: a line that its long trace would push out of the tail. */
function panicKeeper(console: Duplex): () => string {
  let panic = '';
  const look = lineSplitter((line) => {
    if (panic === '' && line.includes('Kernel panic - not syncing')) panic = line.trimEnd();
  });
  console.setEncoding('utf8').on('data', look);
  return () => panic;
}

/** Its end, or that it could not be started. */
export function endOf(child: GuestProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
}

/** Until nothing more can come from a process that has ended: its last words, such as why its kernel panicked. */
export function allIsRead(child: GuestProcess): () => Promise<void> {
  const closed = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  // Somebody else may have inherited its sockets, so this is not waited for without end.
  return () => Promise.race([closed, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
}
