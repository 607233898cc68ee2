/**
 * Lines of kernel logs: what 6.18 printed while clean, crashed and damaged images were mounted, read and unmounted, and
 * older wordings of the same messages. A pattern too many is a false alarm on every crash state.
 */
import { describe, expect, it } from 'vitest';
import type { Filesystem } from '../../src/filesystems/filesystem.ts';
import { FILESYSTEMS, type FilesystemName } from '../../src/filesystems/registry.ts';

const QUIET: Record<FilesystemName, string[]> = {
  ext4: [
    'loop0: detected capacity change from 0 to 655360',
    'EXT4-fs (loop0): mounted filesystem 4b852890-752a-4ecf-9cc4-96a4f4f9cce1 r/w with ordered data mode. Quota mode: none.',
    'EXT4-fs (loop0): mounted filesystem with journalled data mode. Opts: (null). Quota mode: none.',
    'EXT4-fs (loop0): recovery complete',
    'EXT4-fs (loop0): unmounting filesystem 4b852890-752a-4ecf-9cc4-96a4f4f9cce1.',
    'EXT4-fs (loop0): 3 orphan inodes deleted',
    'EXT4-fs (loop0): 1 truncate cleaned up',
    'EXT4-fs (loop0): INFO: recovery required on readonly filesystem',
    'EXT4-fs (loop0): Warning: mounting with data=journal disables delayed allocation, dioread_nolock, O_DIRECT and fast_commit support!',
    'EXT4-fs (loop0): warning: maximal mount count reached, running e2fsck is recommended',
    'EXT4-fs warning (device loop0): ext4_dx_add_entry:2461: Directory (ino: 2) index full, reach max htree level :2',
  ],
  xfs: [
    'XFS (loop0): Mounting V5 Filesystem 83eefcdd-e45c-480d-9e8f-8eb8e1863a4b',
    'XFS (loop0): Starting recovery (logdev: internal)',
    'XFS (loop0): Ending recovery (logdev: internal)',
    'XFS (loop0): Ending clean mount',
    'XFS (loop0): Unmounting Filesystem 83eefcdd-e45c-480d-9e8f-8eb8e1863a4b',
    'XFS (loop0): Torn write (CRC failure) detected at log block 0x180. Truncating head block from 0x200.',
  ],
  btrfs: [
    'BTRFS: device fsid 4ec6ccfd-ad65-4341-8959-8376a0665c37 devid 1 transid 11 /dev/loop0 (7:0) scanned by mount (8269)',
    'BTRFS info (device loop0): first mount of filesystem 4ec6ccfd-ad65-4341-8959-8376a0665c37',
    'BTRFS info (device loop0): using crc32c (crc32c-lib) checksum algorithm',
    'BTRFS info (device loop0): start tree-log replay',
    'BTRFS info (device loop0): turning on async discard',
    'BTRFS info (device loop0): last unmount of filesystem 4ec6ccfd-ad65-4341-8959-8376a0665c37',
    'BTRFS warning (device loop0): failed to trim 1 block group(s), last error -95',
  ],
  f2fs: [
    'F2FS-fs (loop0): Mounted with checkpoint version = 3a7e6e02',
    'F2FS-fs (loop0): Found nat_bits in checkpoint',
    'F2FS-fs (loop0): recover_inode: ino = 4, name = 000001.log, inline = 1',
    'F2FS-fs (loop0): invalid crc value',
  ],
  ext2: [
    'EXT2-fs (loop0): warning: mounting ext3 filesystem as ext2',
    'EXT4-fs (loop0): mounting ext2 file system using the ext4 subsystem',
    'EXT4-fs (loop0): mounted filesystem 4b852890-752a-4ecf-9cc4-96a4f4f9cce1 r/w without journal. Quota mode: none.',
  ],
  raw: ['loop0: detected capacity change from 0 to 131072'],
};

const DAMAGE: Record<Exclude<FilesystemName, 'raw'>, string[]> = {
  ext4: [
    'EXT4-fs error (device loop0): ext4_validate_block_bitmap:423: comm kworker/u8:3: bg 0: bad block bitmap checksum',
    'EXT4-fs error (device loop0): ext4_lookup:1787: inode #277: comm cat: iget: bad extra_isize 19494 (inode size 256)',
    'EXT4-fs error (device loop0) in ext4_reserve_inode_write:5764: Journal has aborted',
    'EXT4-fs (loop0): ext4_check_descriptors: Checksum for group 0 failed (1234!=5678)',
    'EXT4-fs (loop0): group descriptors corrupted!',
    'EXT4-fs (loop0): VFS: Found ext4 filesystem with invalid superblock checksum.  Run e2fsck?',
    'EXT4-fs (loop0): error loading journal',
    'EXT4-fs (loop0): warning: mounting fs with errors, running e2fsck is recommended',
    'EXT4-fs (loop0): error count since last fsck: 2',
    'EXT4-fs (loop0): Remounting filesystem read-only',
    'EXT4-fs (loop0): This should not happen!! Data will be lost',
    'EXT4-fs warning (device loop0): dx_probe:891: inode #2: comm ls: dx entry: Corrupt directory, running e2fsck is recommended',
    'Aborting journal on device loop0-8.',
    'JBD2: journal transaction 12 on loop0-8 is corrupt.',
    'JBD2: Error -5 detected when updating journal superblock for loop0-8.',
    'WARNING: CPU: 1 PID: 77 at fs/ext4/inode.c:337 ext4_release_io_end+0x48/0xf0',
    'WARNING: fs/jbd2/transaction.c:334 at start_this_handle+0x2e0/0x3d0, CPU#0: mount/77',
    'kernel BUG at fs/ext4/extents.c:2181!',
    'BUG: KASAN: slab-use-after-free in ext4_find_extent+0x98d/0xbd0',
  ],
  xfs: [
    'XFS (loop0): Metadata CRC error detected at xfs_allocbt_read_verify+0x12/0xd0, xfs_bnobt block 0x20 ',
    'XFS (loop0): Metadata corruption detected at __xfs_buf_ioend+0x185/0x580, xfs_inode block 0x80 xfs_inode_buf_verify',
    'XFS (loop0): First 128 bytes of corrupted metadata buffer:',
    'XFS (loop0): Unmount and run xfs_repair',
    'XFS (loop0): Uncorrected metadata errors detected; please run xfs_repair.',
    'XFS (loop0): Internal error ltrec.br_startblock == NULLFSBLOCK at line 2089 of file fs/xfs/libxfs/xfs_alloc.c.  Caller x',
    'XFS (loop0): Corruption of in-memory data (0x8) detected at xfs_trans_cancel+0x15/0x1 (fs/xfs/xfs_trans.c:1).  Shutting down filesystem.',
    'XFS (loop0): Corruption warning: Metadata has LSN (1:48) ahead of current LSN (1:16). Please unmount and run xfs_repair (>= v4.3) to resolve.',
    'XFS (loop0): log mount/recovery failed: error -117',
    'XFS (loop0): log mount failed',
    'XFS (loop0): Failed to read root inode 0x80, error 117',
    'XFS (loop0): metadata I/O error in "xfs_read_agf+0x8" at daddr 0x1 len 1 error 74',
    'XFS (loop0): Failed to recover intents',
    'WARNING: CPU: 0 PID: 9 at fs/xfs/xfs_message.c:104 assfail+0x2a/0x30 [xfs]',
    'BUG: KASAN: slab-out-of-bounds in xfs_btree_lookup_get_block+0x15c/0x6d0 fs/xfs/libxfs/xfs_btree.c:1813',
    'BUG: KASAN: use-after-free in xlog_recover_add_to_trans+0x1',
  ],
  btrfs: [
    'BTRFS error (device loop0): bdev /dev/loop0 errs: wr 0, rd 0, flush 0, corrupt 1, gen 0',
    'BTRFS error (device loop0 state EA): open_ctree failed: -5',
    'BTRFS critical (device loop0): corrupt leaf: root=5 block=30441472 slot=3, bad key order',
    'BTRFS: error (device loop0) in btrfs_replay_log:2500: errno=-117 Filesystem corrupted',
    'BTRFS warning (device loop0): checksum verify failed on logical 31653888 mirror 1 wanted 0x340d9522 found 0x5f4b7d72 level 0',
    'BTRFS warning (device loop0): csum failed root 5 ino 341 off 4096 csum 0xd67e2392 expected csum 0x0b72e525 mirror 1',
    'BTRFS: Transaction aborted (error -117)',
    'WARNING: CPU: 1 PID: 7 at fs/btrfs/extent-tree.c:3050 __btrfs_free_extent+0x6/0x1 [btrfs]',
  ],
  f2fs: [
    'F2FS-fs (loop0): inconsistent node block, nid:4, node_footer[nid:3,ino:3,ofs:0,cpver:1,blkaddr:2]',
    'F2FS-fs (loop0): sanity_check_inode: corrupted inode i_blocks i_ino=4 iblocks=0, run fsck to fix.',
    'F2FS-fs (loop0): Failed to get valid F2FS checkpoint',
    'F2FS-fs (loop0): Cannot recover all fsync data errno=-117',
    'F2FS-fs (loop0): Mismatch valid blocks 1 vs. 2',
    'WARNING: CPU: 0 PID: 9 at fs/f2fs/segment.c:2504 update_sit_entry+0x2/0x3 [f2fs]',
    'BUG: KASAN: use-after-free in f2fs_write_end_io+0x1',
  ],
  ext2: [
    'EXT2-fs (loop0): error: ext2_lookup: deleted inode referenced: 12',
    'EXT2-fs (loop0): warning: mounting fs with errors, running e2fsck is recommended',
    'EXT4-fs error (device loop0): ext4_lookup:1787: inode #2: comm cat: iget: bogus i_mode (0)',
  ],
};

/** Every file system's code can meet these. */
const CRASHES = [
  'BUG: kernel NULL pointer dereference, address: 0000000000000008',
  'BUG: unable to handle page fault for address: ffffc90000000000',
  'Oops: 0000 [#1] PREEMPT SMP NOPTI',
  'Oops: general protection fault, probably for non-canonical address 0xdead000000000122: 0000 [#1] SMP',
];

/** A slow machine, or another part of the kernel. */
const NOT_OURS = [
  'watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [mount:1234]',
  'BUG: workqueue lockup - pool cpus=0 node=0 flags=0x0 nice=0 stuck for 31s!',
  'rcu: INFO: rcu_preempt self-detected stall on CPU',
  'INFO: task jbd2/loop0-8:123 blocked for more than 120 seconds.',
  'WARNING: CPU: 0 PID: 5314 at net/mac80211/mlme.c:1012 ieee80211_prep_channel+0x1',
  'WARNING: drivers/gpu/drm/drm_gem.c:9 at drm_gem_close+0x1, CPU#0: x/1',
  'kernel BUG at mm/slub.c:448!',
  'I/O error, dev loop1, sector 0 op 0x0:(READ) flags 0x80700 phys_seg 1 prio class 2',
];

describe.each(['ext4', 'xfs', 'btrfs', 'f2fs', 'ext2'] as const)('kernelDamage of %s', (name) => {
  const { kernelDamage }: Filesystem = FILESYSTEMS[name];
  const isDamage = (line: string): boolean => kernelDamage.some((pattern) => pattern.test(line));

  it.each([...DAMAGE[name], ...CRASHES])('hears: %s', (line) => {
    expect(isDamage(line)).toBe(true);
    expect(isDamage(`[   12.345678] ${line}`)).toBe(true);
  });

  it.each([...QUIET[name], ...NOT_OURS])('passes over: %s', (line) => {
    expect(isDamage(line)).toBe(false);
  });

  it('has patterns without memory of the last line', () => {
    expect(kernelDamage.every(({ global, sticky }) => !global && !sticky)).toBe(true);
  });
});

it('has nothing to hear where there is no file system', () => {
  expect(FILESYSTEMS.raw.kernelDamage).toEqual([]);
});
