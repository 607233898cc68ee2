import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { parseFilesystemSpec } from '../../src/filesystems/spec.ts';

describe('parseFilesystemSpec', () => {
  it.each([
    ['ext4', 'ext4', []],
    ['xfs:', 'xfs', []],
    ['ext4:data=journal,barrier=1', 'ext4:data=journal,barrier=1', ['data=journal', 'barrier=1']],
    [' btrfs: noatime ,,compress=zstd:3, ', 'btrfs:noatime,compress=zstd:3', ['noatime', 'compress=zstd:3']],
  ])('reads %j', (text, canonical, mountOptions) => {
    const spec = parseFilesystemSpec(text);
    expect(spec).toEqual({ text: canonical, name: canonical.split(':', 1)[0], mountOptions });
    expect(parseFilesystemSpec(spec.text)).toEqual(spec);
  });

  it('lists the names for an unknown one, and guesses', () => {
    expect(() => parseFilesystemSpec('ex4:data=journal')).toThrow(UsageError);
    expect(() => parseFilesystemSpec('ex4:data=journal')).toThrow(
      '"ex4:data=journal" names no file system that powercut knows: expected one of ext4, xfs, btrfs, then perhaps ":" and ' +
        'mount options, as in "ext4:data=journal"; did you mean "ext4"?',
    );
    expect(() => parseFilesystemSpec('')).toThrow(UsageError);
    expect(() => parseFilesystemSpec('constructor')).toThrow(UsageError);
  });

  it('refuses an option that cannot be used, naming the whole text', () => {
    expect(() => parseFilesystemSpec('ext4:noatime,ro')).toThrow(
      'cannot use the file system "ext4:noatime,ro": the mount option "ro" cannot be used: the workload and recovery have to write; leave it out',
    );
  });
});
