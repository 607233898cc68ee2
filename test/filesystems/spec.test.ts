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
    expect(spec).toEqual({ text: canonical, name: canonical.split(':', 1)[0], mountOptions, mkfsOptions: [] });
    expect(parseFilesystemSpec(spec.text)).toEqual(spec);
  });

  it.each([
    ['ext4:mkfs.b=1024', 'ext4:mkfs.b=1024', [], ['b=1024']],
    [
      'ext4:mkfs.O=fast_commit, data=journal,mkfs.E=stride=4 ,commit=1',
      'ext4:data=journal,commit=1,mkfs.O=fast_commit,mkfs.E=stride=4',
      ['data=journal', 'commit=1'],
      ['O=fast_commit', 'E=stride=4'],
    ],
    ['btrfs:mkfs.csum=xxhash,mkfs.M', 'btrfs:mkfs.csum=xxhash,mkfs.M', [], ['csum=xxhash', 'M']],
  ])('tells options of mkfs in %j from those of mount', (text, canonical, mountOptions, mkfsOptions) => {
    const spec = parseFilesystemSpec(text);
    expect(spec).toEqual({ text: canonical, name: text.split(':', 1)[0], mountOptions, mkfsOptions });
    expect(parseFilesystemSpec(spec.text)).toEqual(spec);
  });

  it.each(['ext4:mkfs.', 'ext4:mkfs.=4', 'ext4:mkfs.b=', 'ext4:mkfs.-b=4', 'ext4:mkfs.b c'])('refuses %j', (text) => {
    expect(() => parseFilesystemSpec(text)).toThrow('is no option of mkfs: expected a name');
    expect(() => parseFilesystemSpec(text)).toThrow(UsageError);
  });

  it.each([
    ['ext4:mkfs.O=^has_journal', 'without a journal'],
    ['ext4:mkfs.J=device=/dev/sdb1', 'one device'],
    ['xfs:nobarrier', 'Linux 4.19'],
    ['btrfs:mkfs.V', 'mkfs would make nothing'],
  ])('refuses %j, with the reason', (text, reason) => {
    expect(() => parseFilesystemSpec(text)).toThrow(reason);
  });

  it('lists the names for an unknown one, and guesses', () => {
    expect(() => parseFilesystemSpec('ex4:data=journal')).toThrow(UsageError);
    expect(() => parseFilesystemSpec('ex4:data=journal')).toThrow(
      '"ex4:data=journal" names no file system that powercut knows: expected one of ext4, xfs, btrfs, f2fs, ext2, raw, then perhaps ":" and ' +
        'options of mount or, with "mkfs." in front, of mkfs, as in "ext4:data=journal,mkfs.b=1024"; did you mean "ext4"?',
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
