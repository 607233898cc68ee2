/** Ends of the checkers that are hard to bring about in a test; texts as the programs print them. */
import { describe, expect, it } from 'vitest';
import { btrfs } from '../../src/filesystems/btrfs.ts';
import { ext4 } from '../../src/filesystems/ext4.ts';
import { ext2 } from '../../src/filesystems/ext2.ts';
import { f2fs } from '../../src/filesystems/f2fs.ts';
import { xfs } from '../../src/filesystems/xfs.ts';

describe('e2fsck', () => {
  it.each([
    [4, 'Free blocks count wrong (1, counted=2).\nFix? no\n', 'damaged'],
    [12, 'Inode 7 has illegal block(s).  Clear? no\n\ne2fsck: aborted\n', 'damaged'],
    [12, 'Error allocating block bitmap: Cannot allocate memory\ne2fsck: aborted\n', 'could-not-tell'],
    [8, 'e2fsck: No such file or directory while trying to open /dev/loop9\n', 'could-not-tell'],
    [1, '', 'could-not-tell'],
    [36, 'e2fsck canceled.\n', 'could-not-tell'],
  ])('%i', (status, transcript, outcome) => {
    expect(ext4.fsckOutcome(status, transcript)).toBe(outcome);
  });
});

describe('xfs_repair', () => {
  it.each([
    [1, 'Phase 2 - using internal log\nagf has bad CRC for ag 0\nwould reset bad agf for ag 0\n', 'damaged'],
    [
      1,
      "xfs_repair: /dev/loop0 contains a mounted and writable filesystem\n\nfatal error -- couldn't initialize XFS library\n",
      'could-not-tell',
    ],
    [1, 'xfs_repair: cannot open /dev/loop9: No such file or directory\n', 'could-not-tell'],
    [1, 'Phase 3 - for each AG...\n\nfatal error -- No more memory\n', 'could-not-tell'],
    [2, 'ERROR: The filesystem has valuable metadata changes in a log\n', 'could-not-tell'],
  ])('%i', (status, transcript, outcome) => {
    expect(xfs.fsckOutcome(status, transcript)).toBe(outcome);
  });
});

describe('btrfs check', () => {
  it.each([
    [1, '[2/7] checking extents\nref mismatch on [30441472 16384] extent item 1, found 0\n', 'damaged'],
    [1, "Csum didn't match\nERROR: cannot read chunk root\nERROR: cannot open file system\n", 'damaged'],
    [
      1,
      'ERROR: /dev/loop0 is currently mounted, use --force if you really intend to check the filesystem\n',
      'could-not-tell',
    ],
    [1, 'ERROR: could not check mount status: No such file or directory\n', 'could-not-tell'],
  ])('%i', (status, transcript, outcome) => {
    expect(btrfs.fsckOutcome(status, transcript)).toBe(outcome);
  });
});

describe('e2fsck as the repair before mounting', () => {
  it.each([
    [0, '', 'clean'],
    [1, 'Free blocks count wrong (1, counted=2).\nFix? yes\n', 'clean'],
    [2, '', 'clean'],
    [3, 'Fix? yes\n', 'clean'],
    [4, 'Fix? yes\n\n/dev/loop0: ********** WARNING: Filesystem still has errors **********\n', 'damaged'],
    [5, 'Fix? yes\n', 'damaged'],
    [12, 'Clear? yes\n\ne2fsck: aborted\n', 'damaged'],
    [12, 'Error allocating block bitmap: Cannot allocate memory\ne2fsck: aborted\n', 'could-not-tell'],
    [8, 'e2fsck: No such file or directory while trying to open /dev/loop9\n', 'could-not-tell'],
    [9, 'Fix? yes\n', 'could-not-tell'],
    [32, '', 'could-not-tell'],
    [128, '', 'could-not-tell'],
    [-1, '', 'could-not-tell'],
  ])('%i %j is %s', (status, transcript, outcome) => {
    expect(ext2.repair.outcome(status, transcript)).toBe(outcome);
  });
});

describe('fsck.f2fs', () => {
  it.each([
    [4, '[ASSERT] (check_block_count:2087)  --> Wrong SIT valid blocks: segno=0x0, 164 vs. 258\n', 'damaged'],
    [255, '[FSCK] Unreachable nat entries                        [Fail] [0x1]\n', 'damaged'],
    [255, "\tCan't find a valid F2FS superblock at 0x0\n", 'damaged'],
    [255, '\tError: Mount unsafe!\n', 'could-not-tell'],
    [8, '\tError: Failed to get the device stat!\n', 'could-not-tell'],
    [1, '', 'could-not-tell'],
  ])('%i %j is %s', (status, transcript, outcome) => {
    expect(f2fs.fsckOutcome(status, transcript)).toBe(outcome);
  });
});
