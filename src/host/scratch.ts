import { mkdtempSync, rmSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ownerName } from './owner.ts';
import type { Scope } from './scope.ts';
import { detachMount, mount, MS } from './sys/mount.ts';

/** A folder of this process's own under the system's temporary folder, removed with everything in it. */
export function scratchFolder(scope: Scope): string {
  const folder = mkdtempSync(join(tmpdir(), `${ownerName()}-`));
  // Somebody may still be making files in it: a function that was late.
  scope.add(`folder ${folder}`, () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/**
 * The same in memory: a tmpfs that only this mount namespace sees. It dies with the namespace, so that a killed engine
 * leaves an empty folder behind and no memory.
 * @param sizeBytes upper bound; memory is taken only as it is written
 */
export function scratchMemory(scope: Scope, sizeBytes: number): string {
  const folder = mkdtempSync(join(tmpdir(), `${ownerName()}-`));
  scope.add(`folder ${folder}`, () => rmdirSync(folder));
  mount({ source: 'powercut', target: folder, type: 'tmpfs', flags: MS.nosuid, data: `size=${sizeBytes},mode=0700` });
  scope.add(`tmpfs ${folder}`, () => detachMount(folder));
  return folder;
}
