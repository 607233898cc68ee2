import { lchownSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Under sudo, what powercut leaves behind belongs to who called it, as it would without sudo. Give away only what powercut
 * made itself: a folder that was there before may hold other people's files.
 * @param path a file, or a folder with all that is in it
 */
export function giveToCaller(path: string): void {
  const caller = sudoCaller();
  if (caller === undefined) return;
  lchownSync(path, caller.uid, caller.gid);
  if (!lstatSync(path).isDirectory()) return;
  for (const entry of readdirSync(path, { recursive: true, encoding: 'utf8' })) {
    lchownSync(join(path, entry), caller.uid, caller.gid);
  }
}

/** Makes a folder and those above it that are missing; the caller's, all of them. */
export function makeCallersFolder(path: string): void {
  const topmost = mkdirSync(path, { recursive: true });
  if (topmost !== undefined) giveToCaller(topmost);
}

function sudoCaller(): { readonly uid: number; readonly gid: number } | undefined {
  const { SUDO_UID: uid = '', SUDO_GID: gid = '' } = process.env;
  if (process.geteuid?.() !== 0 || !/^\d+$/.test(uid) || !/^\d+$/.test(gid)) return undefined;
  return { uid: Number(uid), gid: Number(gid) };
}
