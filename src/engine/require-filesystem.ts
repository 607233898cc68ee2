import { UsageError } from '../errors.ts';
import type { Filesystem } from '../filesystems/filesystem.ts';
import { FILESYSTEM_NAMES, findFilesystem } from '../filesystems/registry.ts';

/** @throws UsageError for a name that this version does not know: a recording made by a later one */
export function requireFilesystem(name: string): Filesystem {
  const filesystem = findFilesystem(name);
  if (filesystem) return filesystem;
  throw new UsageError(
    `this version of powercut does not know the file system "${name}": it knows ${FILESYSTEM_NAMES.join(', ')}`,
  );
}
