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
  /** What that check's exit status means; total over all numbers. */
  fsckOutcome(exitStatus: number): FsckOutcome;
  /** Lines of the kernel's log that mean damage when they name the device under test. */
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
