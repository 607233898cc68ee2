import { didYouMean } from '../closest.ts';
import { UsageError } from '../errors.ts';
import type { FilesystemSpec } from './filesystem.ts';
import { isMkfsOption, MKFS_PREFIX, takeMkfsOption } from './mkfs-options.ts';
import { splitMountOptions } from './mount-flags.ts';
import { assertOptions } from './refused-options.ts';
import { FILESYSTEM_NAMES, FILESYSTEMS, isFilesystemName, type FilesystemName } from './registry.ts';

/**
 * `ext4`, or `ext4:data=journal,commit=1,mkfs.b=1024`: a name, then options with commas between them. Those that begin
 * with `mkfs.` are for mkfs, all others are mount options as in mount(8). In the canonical text the mount options come
 * first, both kinds in the given order, since of two that contradict each other the last one wins.
 *
 * @throws UsageError when the name is unknown or an option cannot be used for recording and replaying.
 */
export function parseFilesystemSpec(text: string): FilesystemSpec {
  const trimmed = text.trim();
  const colon = trimmed.indexOf(':');
  const name = colon === -1 ? trimmed : trimmed.slice(0, colon);
  if (!isFilesystemName(name)) throw unknownName(text, name);
  const options = colon === -1 ? [] : splitOptions(trimmed.slice(colon + 1));
  try {
    return { name, ...sortOptions(name, options) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`cannot use the file system "${text}": ${error.message}`, { cause: error });
  }
}

function sortOptions(name: FilesystemName, options: readonly string[]): Omit<FilesystemSpec, 'name'> {
  assertOptions(options, FILESYSTEMS[name]);
  const mountOptions = options.filter((option) => !isMkfsOption(option));
  const mkfsOptions = options.filter(isMkfsOption).map(takeMkfsOption);
  splitMountOptions(mountOptions);
  return { text: formatFilesystemSpec(name, mountOptions, mkfsOptions), mountOptions, mkfsOptions };
}

function splitOptions(text: string): string[] {
  return text
    .split(',')
    .map((option) => option.trim())
    .filter((option) => option !== '');
}

function formatFilesystemSpec(name: string, mountOptions: readonly string[], mkfsOptions: readonly string[]): string {
  const options = [...mountOptions, ...mkfsOptions.map((option) => `${MKFS_PREFIX}${option}`)];
  return options.length === 0 ? name : `${name}:${options.join(',')}`;
}

function unknownName(text: string, name: string): UsageError {
  const known = FILESYSTEM_NAMES.join(', ');
  return new UsageError(
    `"${text}" names no file system that powercut knows: expected one of ${known}, then perhaps ":" and options of mount ` +
      `or, with "mkfs." in front, of mkfs, as in "ext4:data=journal,mkfs.b=1024"${didYouMean(name, FILESYSTEM_NAMES)}`,
  );
}
