import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UsageError } from '../errors.ts';
import { quoteWord } from '../stores/words.ts';

const GROUP_WRITE = 0o020;
const OTHERS_WRITE = 0o002;
const ROOT = 0;

export interface Caller {
  /** Effective user id of this process. */
  readonly effectiveUserId: number;
  /** Who called sudo (`SUDO_UID`); undefined without sudo. */
  readonly sudoUserId?: number;
}

/** This process, and who called sudo for it. */
export function processCaller(): Caller {
  const effectiveUserId = process.geteuid?.() ?? ROOT;
  const sudoUserId = process.env['SUDO_UID'];
  return { effectiveUserId, ...(/^\d+$/.test(sudoUserId ?? '') && { sudoUserId: Number(sudoUserId) }) };
}

/**
 * A configuration names commands, and a module in it runs as it is loaded. With root's rights it must therefore come from
 * someone who has them anyway: root, or the user who called sudo, or, without sudo, the file's owner. Whoever can write the
 * folder can exchange the file, so the folder is held to the same; a sticky folder too, since anyone can put the first
 * configuration there.
 *
 * Not covered: folders further up, and access lists beyond what the mode's group bits show of them.
 *
 * @throws UsageError that says who could write it and what mends that
 */
export async function assertTrustedFile(path: string, caller: Caller): Promise<void> {
  if (caller.effectiveUserId !== ROOT) return;
  const real = await realpath(path);
  const file = await stat(real);
  const trusted = caller.sudoUserId ?? file.uid;
  for (const each of new Set([real, dirname(real), dirname(path)])) {
    const writers = whoElseWrites(await stat(each), trusted);
    if (writers !== undefined) throw refusal(path, each, writers);
  }
}

interface Writers {
  readonly who: string;
  readonly remedy: string;
}

function whoElseWrites(stats: { uid: number; gid: number; mode: number }, trusted: number): Writers | undefined {
  if (stats.uid !== ROOT && stats.uid !== trusted) {
    return { who: `user ${stats.uid}, who owns it`, remedy: `chown ${trusted}` };
  }
  if ((stats.mode & OTHERS_WRITE) !== 0) return { who: 'every user', remedy: 'chmod go-w' };
  if ((stats.mode & GROUP_WRITE) !== 0) return { who: `every member of group ${stats.gid}`, remedy: 'chmod g-w' };
  return undefined;
}

function refusal(path: string, writable: string, { who, remedy }: Writers): UsageError {
  const what = writable === path ? '' : ` (${writable})`;
  return new UsageError(
    `refusing to use ${path} with root's rights: it${what} can be changed by ${who}, and it names commands that would ` +
      `then run as root; mend it with: ${remedy} ${quoteWord(writable)}`,
  );
}
