import { MIB } from '../units.ts';
import type { Filesystem, FsckOutcome } from './filesystem.ts';
import { kernelCrashPatterns } from './kernel-crash.ts';

/** Exit status bits of e2fsck(8). With `-n` nothing is ever corrected, so 1 and 2 cannot occur. */
const ERRORS_LEFT = 4;
const OPERATIONAL_ERROR = 8;

export const ext4 = {
  name: 'ext4',
  // Below this mke2fs 1.47.0 either refuses `-J size=4` or, for the smallest, leaves the journal out without failing.
  minimumBytes: 9 * MIB,
  defaultBytes: 256 * MIB,
  tools: [
    { program: 'mkfs.ext4', debianPackage: 'e2fsprogs' },
    { program: 'e2fsck', debianPackage: 'e2fsprogs' },
  ],

  mkfs: (device: string, extraArguments: readonly string[]) => [
    'mkfs.ext4',
    '-F',
    '-q',
    // The page cache of the replay's loop device keeps the primed journal only if no block size change empties it.
    '-b',
    '4096',
    // Recovery reads the journal block by block, so a small one makes every crash state cheaper to mount.
    '-J',
    'size=4',
    // Lazy initialisation is kernel writes in the background: in the log they would be noise between the workload's.
    '-E',
    'nodiscard,lazy_itable_init=0,lazy_journal_init=0',
    ...extraArguments,
    device,
  ],

  recoveryOptions: [],

  fsck: (device: string) => ['e2fsck', '-f', '-n', device],

  fsckOutcome(exitStatus: number, transcript: string): FsckOutcome {
    if (exitStatus === 0) return 'clean';
    if (exitStatus === ERRORS_LEFT) return 'damaged';
    // e2fsck gives up on heavy damage with 4 + 8. `fatal_error` in e2fsck/util.c gives the same when it stops before it
    // has looked at anything, so ask for a problem that it reported and, because of -n, answered itself.
    if (exitStatus === (ERRORS_LEFT | OPERATIONAL_ERROR) && /\? no$/m.test(transcript)) return 'damaged';
    return 'could-not-tell';
  },

  // Sources: fs/ext4/super.c (`__ext4_error` and its kin, `__ext4_warning`, `__ext4_msg`), fs/jbd2/journal.c.
  kernelDamage: [
    /\bEXT4-fs error \(device /,
    /\bEXT4-fs \([^)]+\): .*(?:[Cc]orrupt|[Cc]hecksum.*failed|invalid superblock checksum|error loading journal)/,
    /\bEXT4-fs \([^)]+\): .*(?:mounting fs with errors|error count since last fsck|Remounting filesystem read-only)/,
    /\bEXT4-fs \([^)]+\): .*(?:Data will be lost|bad geometry|get root inode failed)/,
    /\bEXT4-fs warning \(device [^)]+\): .*(?:[Cc]hecksum|[Cc]orrupt|Filesystem error recorded|in need of filesystem check)/,
    /\bAborting journal on device /,
    /\bJBD2: .*(?:is corrupt|[Ii]nvalid checksum|Error -?\d+ detected)/,
    ...kernelCrashPatterns(['ext4', 'jbd2'], ['ext4_', 'jbd2_']),
  ],
} satisfies Filesystem;
