import { MIB } from '../units.ts';
import { barriersOff } from './barriers-off.ts';
import type { Filesystem, FsckOutcome } from './filesystem.ts';
import { kernelCrashPatterns } from './kernel-crash.ts';
import { mkfsArguments } from './mkfs-options.ts';

/** mkfs.f2fs(8). */
const MKFS_LISTS = ['e', 'E', 'O'];

/** Exit status of fsck.f2fs, from fsck/fsck.h of f2fs-tools. */
const ERRORS_LEFT = 4;
/** -1: it stopped where it could not go on, for whatever reason. */
const STOPPED = 255;
/** What it prints of the device's content, as against of the device. */
const FOUND = /^\[ASSERT\]|\[Fail\]|^\s*(?:Can't find a valid F2FS|Invalid (?:SB|CP|segment|log|block))/m;

const ANOTHER_DEVICE = 'powercut records one device';
const FSYNC_MODES = { 'fsync_mode=nobarrier': true, 'fsync_mode=posix': false, 'fsync_mode=strict': false };

/** fs/f2fs/node.c: `f2fs_wait_on_node_pages_writeback` does not wait for sequence number 0, which is the first one. */
const KNOWN_FAULT =
  'f2fs of Linux 6.1 has a fault of its own: the first fsync after a checkpoint (one is made by the fsync of a directory or of a new ' +
  'file) flushes before its last write is done, so one lost operation there need not be the store (docs/filesystems.md)';

export const f2fs = {
  name: 'f2fs',
  kernelType: 'f2fs',
  // mkfs.f2fs 1.15 refuses less, for want of segments.
  minimumBytes: 52 * MIB,
  defaultBytes: 128 * MIB,
  tools: [
    { program: 'mkfs.f2fs', debianPackage: 'f2fs-tools' },
    { program: 'fsck.f2fs', debianPackage: 'f2fs-tools' },
  ],

  mkfs: (device: string, options: readonly string[]) => [
    'mkfs.f2fs',
    '-f',
    '-q',
    ...mkfsArguments(['t=0'], options, MKFS_LISTS), // no discard
    device,
  ],

  refusedOptions: {
    'mkfs.c': ANOTHER_DEVICE,
    'mkfs.m': 'it is for zoned devices',
    disable_roll_forward: 'it leaves out the recovery of what fsync has written, which every crash state needs',
  },

  recoveryOptions: [],

  discardsByDefault: true,

  assumptions: (mountOptions: readonly string[]) => [
    KNOWN_FAULT,
    ...barriersOff(mountOptions),
    ...barriersOff(mountOptions, FSYNC_MODES),
  ],

  fsck: (device: string) => ['fsck.f2fs', '--dry-run', device],

  fsckOutcome(exitStatus: number, transcript: string): FsckOutcome {
    if (exitStatus === 0) return 'clean';
    if (exitStatus === ERRORS_LEFT) return 'damaged';
    return exitStatus === STOPPED && FOUND.test(transcript) ? 'damaged' : 'could-not-tell';
  },

  // Sources: fs/f2fs/super.c, checkpoint.c, node.c, inode.c, recovery.c (f2fs_err, f2fs_warn). "invalid crc" of a checkpoint
  // is not damage: of its two copies one may be half written when the power goes, and the other one is taken.
  kernelDamage: [
    /\bF2FS-fs \([^)]+\): .*(?:[Cc]orrupt|[Ii]nconsistent|[Mm]ismatch|run fsck)/,
    /\bF2FS-fs \([^)]+\): .*(?:Failed to (?:get valid|initialize|read root)|Cannot recover all fsync data|Bitmap was wrongly)/,
    ...kernelCrashPatterns(['f2fs'], ['f2fs_']),
  ],
} satisfies Filesystem;
