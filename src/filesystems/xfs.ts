import { MIB } from '../units.ts';
import type { Filesystem, FsckOutcome } from './filesystem.ts';
import { kernelCrashPatterns } from './kernel-crash.ts';
import { mkfsArguments } from './mkfs-options.ts';

/** mkfs.xfs(8). */
const MKFS_LISTS = ['b', 'd', 'i', 'l', 'm', 'n', 'r', 's'];

export const xfs = {
  name: 'xfs',
  kernelType: 'xfs',
  // mkfs.xfs refuses less since xfsprogs 5.19, on 512- and 4096-byte sectors alike.
  minimumBytes: 300 * MIB,
  defaultBytes: 320 * MIB,
  tools: [
    { program: 'mkfs.xfs', debianPackage: 'xfsprogs' },
    { program: 'xfs_repair', debianPackage: 'xfsprogs' },
  ],

  mkfs: (device: string, options: readonly string[]) => [
    'mkfs.xfs',
    '-K', // no discard
    '-f',
    '-q',
    ...mkfsArguments([], options, MKFS_LISTS),
    device,
  ],

  refusedOptions: {
    'mkfs.N': 'mkfs would make nothing',
    'mkfs.l=logdev': 'powercut records one device, and the log would be on another',
    'mkfs.r=rtdev': 'powercut records one device, and the files would be on another',
    nobarrier: 'Linux 4.19 took it out of XFS',
  },

  // Each worker mounts its own copy of the same image, and XFS refuses a second file system with the same UUID.
  recoveryOptions: ['nouuid'],

  assumptions: () => [],

  // It refuses a log with work left in it, and only loses what that held when it is told to: nobody's first answer.
  mend: {
    argv: (device: string) => ['xfs_repair', device],
    outcome: (exitStatus: number) => (exitStatus === 0 ? 'clean' : 'could-not-tell'),
  },

  fsck: (device: string) => ['xfs_repair', '-n', device],

  fsckOutcome(exitStatus: number, transcript: string): FsckOutcome {
    if (exitStatus === 0) return 'clean';
    // xfs_repair(8): with -n, 1 is damage; but `do_error` in repair/xfs_repair.c also exits with 1, after "fatal error",
    // when memory or the device fails it, and so does a device that cannot be opened.
    const stopped = /fatal error|cannot open|could not open|mounted filesystem/i.test(transcript);
    return exitStatus === 1 && !stopped ? 'damaged' : 'could-not-tell';
  },

  // Sources: fs/xfs/xfs_error.c, xfs_fsops.c (`xfs_do_force_shutdown`), xfs_buf.c, xfs_health.c. "Torn write (CRC failure)
  // detected at log block" is not damage: it is how XFS finds the end of its log after every power cut.
  kernelDamage: [
    /\bXFS \([^)]+\): .*\b(?:[Cc]orruption|corrupted|CRC error|Internal error|Assertion failed)\b/,
    /\bXFS \([^)]+\): .*\b(?:[Uu]nmount and run xfs_repair|please run xfs_repair)\b/,
    /\bXFS \([^)]+\): .*\bbad magic number\b/,
    // EFSBADCRC is 74, EFSCORRUPTED is 117 (fs/xfs/xfs_linux.h).
    /\bXFS \([^)]+\): .*\berror -?(?:74|117)\b/,
    /\bXFS \([^)]+\): (?:log mount failed|Failed to recover)/,
    ...kernelCrashPatterns(['xfs'], ['xfs_', 'xlog_']),
  ],
} satisfies Filesystem;
