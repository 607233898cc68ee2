/** What ext2 and ext4 share: mke2fs, e2fsck, and the kernel's one driver for both. */
import type { FsckOutcome } from './filesystem.ts';
import { kernelCrashPatterns } from './kernel-crash.ts';
import { mkfsArguments } from './mkfs-options.ts';

/** Exit status bits of e2fsck(8). With `-n` nothing is ever corrected, so 1 and 2 cannot occur. */
const CORRECTED = 1;
const REBOOT = 2;
const ERRORS_LEFT = 4;
const OPERATIONAL_ERROR = 8;

const STANDARD_MKFS = [
  // The page cache of the replay's loop device keeps what is primed there only if no block size change empties it.
  'b=4096',
  // Lazy initialisation is kernel writes in the background: in the log they would be noise between the workload's.
  'E=nodiscard,lazy_itable_init=0,lazy_journal_init=0',
];
/** mke2fs(8). */
const MKFS_LISTS = ['E', 'J', 'O'];

/** @param program `mkfs.ext2` and its like; @param standard options beside those of all ext file systems */
export function mke2fs(
  program: string,
  device: string,
  standard: readonly string[],
  options: readonly string[],
): string[] {
  return [program, '-F', '-q', ...mkfsArguments([...STANDARD_MKFS, ...standard], options, MKFS_LISTS), device];
}

export const EXT_REFUSED_OPTIONS: Readonly<Record<string, string>> = {
  'mkfs.n': 'mkfs would make nothing',
  'mkfs.S': 'mkfs would make a superblock only',
  'mkfs.t': 'the name before the colon says which file system',
  'mkfs.J=device': 'powercut records one device, and the journal would be on another',
};

/** Of `e2fsck -n`. */
export function e2fsckOutcome(exitStatus: number, transcript: string): FsckOutcome {
  if (exitStatus === 0) return 'clean';
  if (exitStatus === ERRORS_LEFT) return 'damaged';
  // e2fsck gives up on heavy damage with 4 + 8. `fatal_error` in e2fsck/util.c gives the same when it stops before it
  // has looked at anything, so ask for a problem that it reported and, because of -n, answered itself.
  if (exitStatus === (ERRORS_LEFT | OPERATIONAL_ERROR) && /\? no$/m.test(transcript)) return 'damaged';
  return 'could-not-tell';
}

/** Of `e2fsck -y`: what it put right is expected of a disk that lost power without a journal; what it could not is not. */
export function e2fsckRepairOutcome(exitStatus: number, transcript: string): FsckOutcome {
  // 2 asks for a reboot, since what was repaired may be mounted as the root; here it never is.
  if ((exitStatus & ~(CORRECTED | REBOOT)) === 0) return 'clean';
  if ((exitStatus & ~(CORRECTED | REBOOT)) === ERRORS_LEFT) return 'damaged';
  const tried = /\? yes$/m.test(transcript);
  if ((exitStatus & ~(CORRECTED | REBOOT)) === (ERRORS_LEFT | OPERATIONAL_ERROR) && tried) return 'damaged';
  return 'could-not-tell';
}

// Sources: fs/ext4/super.c (`__ext4_error` and its kin, `__ext4_warning`, `__ext4_msg`), fs/jbd2/journal.c.
export const EXT_KERNEL_DAMAGE: readonly RegExp[] = [
  /\bEXT4-fs error \(device /,
  /\bEXT4-fs \([^)]+\): .*(?:[Cc]orrupt|[Cc]hecksum.*failed|invalid superblock checksum|error loading journal)/,
  /\bEXT4-fs \([^)]+\): .*(?:mounting fs with errors|error count since last fsck|Remounting filesystem read-only)/,
  /\bEXT4-fs \([^)]+\): .*(?:Data will be lost|bad geometry|get root inode failed)/,
  /\bEXT4-fs warning \(device [^)]+\): .*(?:[Cc]hecksum|[Cc]orrupt|Filesystem error recorded|in need of filesystem check)/,
  /\bAborting journal on device /,
  /\bJBD2: .*(?:is corrupt|[Ii]nvalid checksum|Error -?\d+ detected)/,
  ...kernelCrashPatterns(['ext2', 'ext4', 'jbd2'], ['ext2_', 'ext4_', 'jbd2_']),
];
