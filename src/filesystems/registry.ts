import { btrfs } from './btrfs.ts';
import { ext2 } from './ext2.ts';
import { f2fs } from './f2fs.ts';
import { raw } from './raw.ts';
import { ext4 } from './ext4.ts';
import type { Filesystem } from './filesystem.ts';
import { xfs } from './xfs.ts';

/** To add a file system: one file beside this one, and one line here. */
export const FILESYSTEMS = { ext4, xfs, btrfs, f2fs, ext2, raw } satisfies Record<string, Filesystem>;

export type FilesystemName = keyof typeof FILESYSTEMS;

export const FILESYSTEM_NAMES = Object.keys(FILESYSTEMS) as readonly FilesystemName[];

export function isFilesystemName(name: string): name is FilesystemName {
  return Object.hasOwn(FILESYSTEMS, name);
}

/** The description for a `FilesystemSpec.name`; undefined for one that this version does not know. */
export function findFilesystem(name: string): Filesystem | undefined {
  return isFilesystemName(name) ? FILESYSTEMS[name] : undefined;
}
