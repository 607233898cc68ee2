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
