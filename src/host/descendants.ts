import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { reap } from './sys/process.ts';

const PATIENCE_MS = 5000;
const POLL_MS = 2;

/**
 * Children of a process (proc(5); needs CONFIG_PROC_CHILDREN). Only those of its first thread: Node starts processes from
 * there, and orphans are handed to a subreaper's first living thread (find_new_reaper() of kernel/exit.c).
 */
function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
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

/**
 * Ends every descendant of this process, also those that made themselves daemons: a subreaper inherits them. To be called
 * when the one command that may run is over, so that nothing else of ours is among them.
 * @returns pids that did not go within 5 s: they sleep uninterruptibly
 */
export async function endDescendants(): Promise<number[]> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    const left = descendantsOf(process.pid);
    if (left.length === 0 || waitedMs >= PATIENCE_MS) return left;
    for (const pid of left) end(pid);
    await sleep(POLL_MS);
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile; it may still have to be collected.
  }
  reap(pid);
}
