import { readFileSync, realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { detachMount, unmount } from './sys/mount.ts';

const PATIENCE_MS = 10_000;
const POLL_MS = 5;

/**
 * Unmounts, waiting for those that are about to let go (a file closed by a process that was just killed is released a
 * little later).
 * @returns false when something held it for 10 s; it is then taken out of the tree and ends with its last user
 */
export async function unmountPatiently(target: string): Promise<boolean> {
  for (let waitedMs = 0; ; waitedMs += POLL_MS) {
    try {
      unmount(target);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
    }
    if (waitedMs >= PATIENCE_MS) {
      detachMount(target);
      return false;
    }
    await sleep(POLL_MS);
  }
}

/** The type of the file system that holds a path: `ext4`, `tmpfs`, `overlay`. Of several on one place the last hides the others. */
export function filesystemTypeAt(path: string): string {
  const real = `${realpathSync(path)}/`;
  const mounts = readFileSync('/proc/self/mounts', 'utf8').trimEnd().split('\n');
  const holders = mounts
    .map((line) => line.split(' '))
    // Blanks and the like stand there as octal numbers.
    .map(([, target = '', type = '']) => ({
      target: target.replace(/\\(\d{3})/g, (_, octal) => octalText(octal)),
      type,
    }))
    .filter(({ target }) => real.startsWith(target === '/' ? '/' : `${target}/`));
  return holders.reduce((best, each) => (each.target.length >= best.target.length ? each : best)).type;
}

const octalText = (octal: string): string => String.fromCharCode(Number.parseInt(octal, 8));
