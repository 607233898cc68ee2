import { lchownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Under sudo, what powercut leaves in the caller's folders belongs to the caller. */
export function giveToCaller(path: string): void {
  const uid = Number(process.env['SUDO_UID']);
  const gid = Number(process.env['SUDO_GID']);
  if (process.geteuid?.() !== 0 || !Number.isInteger(uid) || !Number.isInteger(gid)) return;
  lchownSync(path, uid, gid);
  for (const entry of readdirSync(path, { recursive: true, encoding: 'utf8' })) lchownSync(join(path, entry), uid, gid);
}
