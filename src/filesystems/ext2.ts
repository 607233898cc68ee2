import { MIB } from '../units.ts';
import { barriersOff } from './barriers-off.ts';
import { e2fsckOutcome, e2fsckRepairOutcome, EXT_KERNEL_DAMAGE, EXT_REFUSED_OPTIONS, mke2fs } from './ext-family.ts';
import type { Filesystem } from './filesystem.ts';

const NO_JOURNAL =
  'no journal: every crash state is repaired by e2fsck -f -y before it is mounted, as at the next boot; what that puts ' +
  'right is expected of ext2 and no finding, and files that it moves to lost+found are gone from where they were';

/** Most kernels mount it by the driver of ext4 (CONFIG_EXT4_USE_FOR_EXT2). */
export const ext2 = {
  name: 'ext2',
  kernelType: 'ext2',
  minimumBytes: MIB,
  defaultBytes: 256 * MIB,
  tools: [
    { program: 'mkfs.ext2', debianPackage: 'e2fsprogs' },
    { program: 'e2fsck', debianPackage: 'e2fsprogs' },
  ],

  mkfs: (device: string, options: readonly string[]) => mke2fs('mkfs.ext2', device, [], options),

  refusedOptions: {
    ...EXT_REFUSED_OPTIONS,
    'mkfs.j': 'with a journal it is not ext2: see --fs ext4',
    'mkfs.J': 'with a journal it is not ext2: see --fs ext4',
    'mkfs.O=has_journal': 'with a journal it is not ext2: see --fs ext4',
  },

  recoveryOptions: [],

  assumptions: (mountOptions: readonly string[]) => [NO_JOURNAL, ...barriersOff(mountOptions)],

  repair: {
    argv: (device: string) => ['e2fsck', '-f', '-y', device],
    outcome: e2fsckRepairOutcome,
  },

  fsck: (device: string) => ['e2fsck', '-f', '-n', device],

  fsckOutcome: e2fsckOutcome,

  // Sources besides: fs/ext2/super.c (`ext2_error`, `ext2_msg`), where that driver is built in.
  kernelDamage: [
    /\bEXT2-fs \([^)]+\): error: /,
    /\bEXT2-fs \([^)]+\): .*(?:[Cc]orrupt|mounting fs with errors|get root inode failed)/,
    ...EXT_KERNEL_DAMAGE,
  ],
} satisfies Filesystem;
