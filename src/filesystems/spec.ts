import { didYouMean } from '../closest.ts';
import { UsageError } from '../errors.ts';
import type { FilesystemSpec } from './filesystem.ts';
import { splitMountOptions } from './mount-flags.ts';
import { FILESYSTEM_NAMES, isFilesystemName } from './registry.ts';

/**
 * `ext4`, or `ext4:data=journal,barrier=1`: a name, then mount options as in mount(8).
 *
 * @throws UsageError when the name is unknown or an option cannot be used for recording and replaying.
 */
export function parseFilesystemSpec(text: string): FilesystemSpec {
  const trimmed = text.trim();
  const colon = trimmed.indexOf(':');
  const name = colon === -1 ? trimmed : trimmed.slice(0, colon);
  if (!isFilesystemName(name)) throw unknownName(text, name);
  const mountOptions = colon === -1 ? [] : splitOptions(trimmed.slice(colon + 1));
  try {
    splitMountOptions(mountOptions);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`cannot use the file system "${text}": ${error.message}`, { cause: error });
  }
  return { text: formatFilesystemSpec(name, mountOptions), name, mountOptions };
}

function splitOptions(text: string): string[] {
  return text
    .split(',')
    .map((option) => option.trim())
    .filter((option) => option !== '');
}

function formatFilesystemSpec(name: string, mountOptions: readonly string[]): string {
  return mountOptions.length === 0 ? name : `${name}:${mountOptions.join(',')}`;
}

function unknownName(text: string, name: string): UsageError {
  const known = FILESYSTEM_NAMES.join(', ');
  return new UsageError(
    `"${text}" names no file system that powercut knows: expected one of ${known}, then perhaps ":" and mount options, ` +
      `as in "ext4:data=journal"${didYouMean(name, FILESYSTEM_NAMES)}`,
  );
}
