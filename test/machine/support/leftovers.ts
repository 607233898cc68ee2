import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkFolder } from './work-folder.ts';

const PATIENCE_MS = 60_000;
const POLL_MS = 100;

/** Everything that runs called with this folder's `env` still have on this machine, one line for each thing. */
export function leftovers(folder: WorkFolder): string[] {
  return [...processesOf(folder).map(describeProcess), ...mountsOf(folder), ...loopsOf(folder), ...filesOf(folder)];
}

/** pids of the runs' processes, their guests' and their commands' included. */
export function processesOf({ temporary }: WorkFolder): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => read(`/proc/${pid}/environ`).split('\0').includes(`TMPDIR=${temporary}`)).map(Number);
}

/** Waits until a run that was killed has no process any more: its engines and guests are to end by themselves. */
export async function withoutProcesses(folder: WorkFolder): Promise<void> {
  for (let waitedMs = 0; processesOf(folder).length > 0; waitedMs += POLL_MS) {
    if (waitedMs >= PATIENCE_MS) {
      throw new Error(
        `still alive after ${PATIENCE_MS / 1000} s:\n${processesOf(folder).map(describeProcess).join('\n')}`,
      );
    }
    await sleep(POLL_MS);
  }
}

export function describeProcess(pid: number): string {
  return `process ${pid}: ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()}`;
}

function mountsOf({ temporary }: WorkFolder): string[] {
  const lines = read('/proc/mounts').split('\n');
  return lines.filter((line) => line.includes(temporary)).map((line) => `mount ${line}`);
}

function loopsOf({ temporary }: WorkFolder): string[] {
  return readdirSync('/sys/block')
    .filter((name) => name.startsWith('loop'))
    .map((name) => `${name} ${read(`/sys/block/${name}/loop/backing_file`).trim()}`)
    .filter((line) => line.includes(temporary));
}

/** Temporary files, and recordings that never got their name. */
function filesOf({ temporary, path }: WorkFolder): string[] {
  const recordings = path('.powercut', 'recordings');
  const partial = existsSync(recordings) ? readdirSync(recordings).filter((name) => name.startsWith('.')) : [];
  return [
    ...readdirSync(temporary).map((name) => join(temporary, name)),
    ...partial.map((name) => join(recordings, name)),
  ];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // It is gone, or nobody's business.
    return '';
  }
}
