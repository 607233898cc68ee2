/**
 * What powercut must know of a file system. Descriptions are pure: they run nothing and touch no device.
 */
export interface Filesystem {
  /** As in `--fs NAME:OPTIONS`. */
  readonly name: string;
  /** Its type for mount(2), as in /proc/filesystems; absent where nothing is mounted: the store has the bare device. */
  readonly kernelType?: string;
  /** Smallest image that its mkfs accepts, bytes. */
  readonly minimumBytes: number;
  /** Image size when the user gives none, bytes. */
  readonly defaultBytes: number;
  /** Programs that must be on the PATH, and the Debian package that has them. */
  readonly tools: readonly { program: string; debianPackage: string }[];
  /**
   * argv of mkfs; empty when there is nothing to be made. Must not discard: a discard would reach the log as thousands of entries of undefined content.
   * @param options as in `FilesystemSpec.mkfsOptions`; they add to the description's own, or take their place
   */
  mkfs(device: string, options: readonly string[]): string[];
  /**
   * Options that cannot work, each with the reason, beside those that work nowhere (`mount-flags.ts`): of mount(8) as they
   * are, of mkfs with `mkfs.` in front. A key with `=` refuses that one value only, or the values that begin so.
   */
  readonly refusedOptions: Readonly<Record<string, string>>;
  /** Why it takes no options at all, where it takes none. */
  readonly refusesOptions?: string;
  /** Mount options that recovery needs on top of the recorded ones (xfs: `nouuid`, since workers mount twins). */
  readonly recoveryOptions: readonly string[];
  /** It discards what it frees on a disk that can, unless it is told not to (Linux 6.2 btrfs; f2fs). */
  readonly discardsByDefault?: true;
  /** Of sysfs, there where a kernel mounts several images with one UUID at once; absent: with `recoveryOptions` every kernel does. */
  readonly twinsFeature?: string;
  /** What a verdict with these mount options takes for granted, for people; each a sentence without its full stop. */
  assumptions(mountOptions: readonly string[]): readonly string[];
  /** What has to be run on a crash state before it is mounted; absent where mounting recovers by itself. */
  readonly repair?: Repair;
  /** What an administrator runs on a disk that does not mount, and what its end means; absent: nothing is of use. */
  readonly mend?: Repair;
  /** argv of a read-only check of an unmounted device, run after journal recovery; empty when there is none. */
  fsck(device: string): string[];
  /**
   * What that check's exit status means; total over all numbers. `transcript` is everything it printed: `xfs_repair -n`
   * and `btrfs check` exit with 1 both on damage and when they cannot open the device, and a busy device is no finding.
   */
  fsckOutcome(exitStatus: number, transcript: string): FsckOutcome;
  /**
   * Lines of the kernel's log that mean damage. The caller applies them only to lines that name the device under test,
   * and to lines with WARNING:, BUG: or Oops, which name no device.
   */
  readonly kernelDamage: readonly RegExp[];
}

export interface Repair {
  argv(device: string): string[];
  /** Total as `fsckOutcome`. `clean`: ready to be mounted, whatever had to be put right, which is expected. */
  outcome(exitStatus: number, transcript: string): FsckOutcome;
}

export type FsckOutcome = 'clean' | 'damaged' | 'could-not-tell';

/** One `--fs` argument: `ext4:data=journal,barrier=1,mkfs.b=1024`. */
export interface FilesystemSpec {
  /** Canonical text, for reports and for the reproducing line. */
  readonly text: string;
  readonly name: string;
  /** Mount options in the given order. */
  readonly mountOptions: readonly string[];
  /** Options of mkfs in the given order, without their prefix: `b=1024`. */
  readonly mkfsOptions: readonly string[];
}
