import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createHash } from 'node:crypto';
import type { Scope } from '../host/scope.ts';
import { enterNewIpcNamespace } from '../host/sys/process.ts';
import { bindMount, detachMount, mount, MS } from '../host/sys/mount.ts';

/**
 * Where the file system under test is mounted, as `{dir}`: the same path while recording and in every crash state, since
 * stores write paths into their files. Each engine has a mount namespace of its own, so that many can use it at once.
 */
export const STORE_FOLDER = '/run/powercut/store';

/** Gives the machine another boot id, the same for the same text. */
export type NewBoot = (boot: string) => void;

/**
 * Gives what runs in this mount namespace the look of a machine of its own: an empty /dev/shm and its own boot id. LMDB's
 * fork in Node trusts unsynced pages while the boot id is the one that it knows; after a power cut it never is.
 * @param boot differs between recording and replaying
 * @returns to be called when the power has gone once more
 */
export function prepareNamespace(scope: Scope, scratch: string, boot: string): NewBoot {
  preparePlaces(scope);
  mkdirSync('/dev/shm', { recursive: true });
  mount({ source: 'powercut', target: '/dev/shm', type: 'tmpfs', flags: MS.nosuid | MS.nodev, data: 'mode=1777' });
  scope.add('private /dev/shm', () => detachMount('/dev/shm'));
  const bootId = join(scratch, 'boot_id');
  // Written in place: what is bound is the file, not its name.
  let current: string | undefined;
  const newBoot = (text: string): void => {
    // For most states it is the one that it was for the last.
    if (text !== current) writeFileSync(bootId, `${uuidOf(text)}\n`, { mode: 0o444 });
    current = text;
  };
  newBoot(boot);
  bindMount(bootId, '/proc/sys/kernel/random/boot_id');
  scope.add('private boot_id', () => detachMount('/proc/sys/kernel/random/boot_id'));
  return newBoot;
}

/**
 * Below the places where stores live lies memory that only this namespace sees. What still writes to such a path when its
 * file system is gone from it, a function that was late, writes to nothing that anybody else has.
 */
function preparePlaces(scope: Scope): void {
  const folder = dirname(STORE_FOLDER);
  mkdirSync(folder, { recursive: true });
  mount({ source: 'powercut', target: folder, type: 'tmpfs', flags: MS.nosuid | MS.nodev, data: 'size=1m,mode=755' });
  scope.add(`private ${folder}`, () => detachMount(folder));
  mkdirSync(STORE_FOLDER);
}

/**
 * Takes away what a crash state's programs left in memory: the next state is another boot. System V objects have no
 * folder to be emptied, so what comes next is given a namespace without any.
 */
export function forgetMemory(): void {
  enterNewIpcNamespace();
  for (const name of readdirSync('/dev/shm')) rmSync(join('/dev/shm', name), { recursive: true, force: true });
}

/** A version 4 uuid made from a text, the same every time. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
