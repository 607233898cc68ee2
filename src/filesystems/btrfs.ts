import { MIB } from '../units.ts';
import { barriersOff } from './barriers-off.ts';
import type { Filesystem, FsckOutcome } from './filesystem.ts';
import { kernelCrashPatterns } from './kernel-crash.ts';
import { mkfsArguments } from './mkfs-options.ts';

/** Messages of `btrfs check` that speak of this machine and not of what is on the device. */
const NOT_RUN =
  /could not check mount status|currently mounted|Device or resource busy|No such file|Permission denied|Cannot allocate memory|not enough memory/i;

/** mkfs.btrfs(8). */
const MKFS_LISTS = ['O', 'R'];

export const btrfs = {
  name: 'btrfs',
  kernelType: 'btrfs',
  // mkfs.btrfs 6.2 names this very number when it refuses (114,294,784 bytes).
  minimumBytes: 109 * MIB,
  defaultBytes: 256 * MIB,
  tools: [
    { program: 'mkfs.btrfs', debianPackage: 'btrfs-progs' },
    { program: 'btrfs', debianPackage: 'btrfs-progs' },
  ],

  mkfs: (device: string, options: readonly string[]) => [
    'mkfs.btrfs',
    '-K', // no discard
    '-f',
    '-q',
    ...mkfsArguments([], options, MKFS_LISTS),
    device,
  ],

  refusedOptions: {},

  recoveryOptions: [],
  // Since Linux 6.7 ("support cloned-device mount capability"); before, the second one's mount(2) fails with EEXIST.
  twinsFeature: '/sys/fs/btrfs/features/temp_fsid',

  discardsByDefault: true,

  assumptions: barriersOff,

  fsck: (device: string) => ['btrfs', 'check', '--readonly', device],

  fsckOutcome(exitStatus: number, transcript: string): FsckOutcome {
    if (exitStatus === 0) return 'clean';
    // btrfs-check(8) promises "non zero on failure" and no more; it uses 1 for damage and for trouble of its own.
    return exitStatus === 1 && !NOT_RUN.test(transcript) ? 'damaged' : 'could-not-tell';
  },

  // Sources: fs/btrfs/messages.c (levels and "device" in brackets; "BTRFS: error (device" is __btrfs_handle_fs_error),
  // disk-io.c and bio.c (a checksum that does not match is only a warning when a mirror could still help).
  kernelDamage: [
    /\bBTRFS:? (?:error|critical|alert|emergency) \(device /,
    /\bBTRFS warning \(device [^)]+\): .*(?:checksum verify failed|csum failed|csum mismatch|corrupt)/,
    /\bBTRFS: Transaction aborted/,
    ...kernelCrashPatterns(['btrfs'], ['btrfs_']),
  ],
} satisfies Filesystem;
