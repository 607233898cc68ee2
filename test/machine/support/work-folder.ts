import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface WorkFolder {
  /** Where powercut is called. */
  readonly cwd: string;
  /**
   * Temporary files of the runs called with `env` lie in there, nobody else's do, and every process of theirs carries its
   * path in its environment: so what is left of them can be told from what other runs on this machine have.
   */
  readonly temporary: string;
  readonly env: Readonly<Record<string, string>>;
  /** A path below `cwd`. */
  readonly path: (...names: readonly string[]) => string;
}

/**
 * Makes a folder for runs.
 * @param atEnd `onTestFinished` or `afterAll`: when it is to be removed
 * @param uid whose it is to be
 */
export function workFolder(atEnd: (remove: () => void) => void, uid?: number): WorkFolder {
  const folder = mkdtempSync(join(tmpdir(), 'powercut-test-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const temporary = join(folder, 'tmp');
  const cwd = join(folder, 'work');
  for (const each of [temporary, cwd]) mkdirSync(each);
  if (uid !== undefined) for (const each of [folder, temporary, cwd]) chownSync(each, uid, uid);
  return { cwd, temporary, env: { TMPDIR: temporary }, path: (...names) => join(cwd, ...names) };
}
