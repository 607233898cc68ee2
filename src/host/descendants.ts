import { subscribe } from 'node:diagnostics_channel';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { reap } from './sys/process.ts';

const PATIENCE_MS = 5000;
const POLL_MS = 2;

/** Children of a process (proc(5); needs CONFIG_PROC_CHILDREN), whichever of its threads started them. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => childrenOfThread(pid, thread));
  } catch {
    return [];
  }
}

function childrenOfThread(pid: number, thread: string): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function descendantsOf(pid: number): number[] {
  const found: number[] = [];
  for (const waiting = childrenOf(pid); waiting.length > 0;) {
    const child = waiting.pop()!;
    found.push(child);
    waiting.push(...childrenOf(child));
  }
  return found;
}

/** Processes that Node started in this process, until it has told their end. */
const own = new Set<StartedProcess>();

/**
 * To be called at once for whatever this process starts. Node collects its own children itself; taken from under it, their
 * end would never be told. (Nor can one wait a little and see: a process whose first thread is gone looks ended long
 * before it is, while its other threads go.)
 */
export function trackChild<Child extends StartedProcess>(child: Child): Child {
  if (!own.has(child)) {
    own.add(child);
    child.once('exit', () => own.delete(child));
  }
  return child;
}

// A function of the user's starts its processes itself. The channel names each before it has its pid.
subscribe('child_process', (message) => void trackChild((message as { process: StartedProcess }).process));

interface StartedProcess {
  readonly pid?: number | undefined;
  once(event: 'exit', listener: () => void): unknown;
}

/**
 * Ends every descendant of this process, also those that made themselves daemons: a subreaper inherits them. To be called
 * when the one command that may run is over, so that nothing else of ours is among them.
 * @returns pids that did not go within 5 s: they sleep uninterruptibly
 */
export async function endDescendants(): Promise<number[]> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const left = descendantsOf(process.pid);
    if (left.length === 0 || waitedMs >= PATIENCE_MS) return left;
    reapOrphans();
    for (const pid of left) kill(pid);
    await sleep(POLL_MS);
  }
}

/**
 * Orphans are handed to a subreaper's first living thread (find_new_reaper() of kernel/exit.c). What another thread started
 * is collected by that thread, a worker of the user's.
 */
function reapOrphans(): void {
  const nodes = new Set([...own].map(({ pid }) => pid));
  // What has no pid by now could not be started, and has no end to tell.
  for (const child of own) if (child.pid === undefined) own.delete(child);
  for (const pid of childrenOfThread(process.pid, `${process.pid}`)) if (hasEnded(pid) && !nodes.has(pid)) reap(pid);
}

/**
 * Stops every descendant, and waits until all their threads stand still: from then on none of them writes. Blocks.
 * @returns false when some of them did not within 5 s
 */
export function stopDescendants(): boolean {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  for (let waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += POLL_MS) {
    // Asked for again in each round: the last thing that one of them did may have been to start another.
    const running = descendantsOf(process.pid).filter((pid) => !standsStill(pid));
    if (running.length === 0) return true;
    for (const pid of running) kill(pid, 'SIGSTOP');
    Atomics.wait(clock, 0, 0, POLL_MS);
  }
  return false;
}

/** Lets them go on. */
export function continueDescendants(): void {
  for (const pid of descendantsOf(process.pid)) kill(pid, 'SIGCONT');
}

/** Whether all its threads are stopped, or have ended. */
function standsStill(pid: number): boolean {
  try {
    return readdirSync(`/proc/${pid}/task`).every((thread) => 'TtZX'.includes(stateOf(`/proc/${pid}/task/${thread}`)));
  } catch {
    return true;
  }
}

/** Whether it is a zombie: ended, but not collected by its parent. */
function hasEnded(pid: number): boolean {
  try {
    return stateOf(`/proc/${pid}`) === 'Z';
  } catch {
    return false;
  }
}

/** One letter, see proc(5). @throws when it is gone */
function stateOf(folder: string): string {
  const stat = readFileSync(`${folder}/stat`, 'latin1');
  return stat.charAt(stat.lastIndexOf(')') + 2);
}

function kill(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself meanwhile; it may still have to be collected.
  }
}
