import { MIB } from '../units.ts';
import { barriersOff } from './barriers-off.ts';
import { e2fsckOutcome, e2fsckRepairOutcome, EXT_KERNEL_DAMAGE, EXT_REFUSED_OPTIONS, mke2fs } from './ext-family.ts';
import type { Filesystem } from './filesystem.ts';

export const ext4 = {
  name: 'ext4',
  kernelType: 'ext4',
  // Below this mke2fs 1.47.0 either refuses `-J size=4` or, for the smallest, leaves the journal out without failing.
  minimumBytes: 9 * MIB,
  defaultBytes: 256 * MIB,
  tools: [
    { program: 'mkfs.ext4', debianPackage: 'e2fsprogs' },
    { program: 'e2fsck', debianPackage: 'e2fsprogs' },
  ],

  // Recovery reads the journal block by block, so a small one makes every crash state cheaper to mount.
  mkfs: (device: string, options: readonly string[]) => mke2fs('mkfs.ext4', device, ['J=size=4'], options),

  refusedOptions: {
    ...EXT_REFUSED_OPTIONS,
    'mkfs.O=^has_journal': 'without a journal every crash state needs e2fsck before it is mounted: see --fs ext2',
  },

  recoveryOptions: [],

  assumptions: barriersOff,

  mend: { argv: (device: string) => ['e2fsck', '-f', '-y', device], outcome: e2fsckRepairOutcome },

  fsck: (device: string) => ['e2fsck', '-f', '-n', device],

  fsckOutcome: e2fsckOutcome,

  kernelDamage: EXT_KERNEL_DAMAGE,
} satisfies Filesystem;
