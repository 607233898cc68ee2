/**
 * What powercut must know of a file system. Descriptions are pure: they run nothing and touch no device.
 */
export interface Filesystem {
  /** As in `--fs NAME:OPTIONS` and as the kernel's mount(2) type. */
  readonly name: string;
  /** Smallest image that its mkfs accepts, bytes. */
  readonly minimumBytes: number;
  /** Image size when the user gives none, bytes. */
  readonly defaultBytes: number;
  /** Programs that must be on the PATH, and the Debian package that has them. */
  readonly tools: readonly { program: string; debianPackage: string }[];
  /** argv of mkfs. Must not discard: a discard would reach the log as thousands of entries of undefined content. */
  mkfs(device: string, extraArguments: readonly string[]): string[];
  /** Mount options that recovery needs on top of the recorded ones (xfs: `nouuid`, since workers mount twins). */
  readonly recoveryOptions: readonly string[];
  /** argv of a read-only check of an unmounted device, run after journal recovery. */
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

export type FsckOutcome = 'clean' | 'damaged' | 'could-not-tell';

/** One `--fs` argument: `ext4:data=journal,barrier=1`. */
export interface FilesystemSpec {
  /** Canonical text, for reports and for the reproducing line. */
  readonly text: string;
  readonly name: string;
  /** Mount options in the given order. */
  readonly mountOptions: readonly string[];
}
