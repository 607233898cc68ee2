import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where a program would be found: the PATH, and the system folders that an ordinary user's PATH leaves out. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'];

const searchFolders = (): string[] => [
  ...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean),
  ...SYSTEM_FOLDERS,
];

/** A PATH that has the system folders too. */
export const searchPath = (): string => searchFolders().join(delimiter);

/** @returns the program's path, undefined when there is none that we may run */
export function findProgram(name: string): string | undefined {
  return searchFolders()
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
