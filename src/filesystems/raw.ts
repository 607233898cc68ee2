import { MIB } from '../units.ts';
import type { Filesystem } from './filesystem.ts';

const NO_FILE_SYSTEM = 'there is no file system to mount';

/** No file system: the store has the bare device, as `{device}`. */
export const raw = {
  name: 'raw',
  minimumBytes: MIB,
  defaultBytes: 64 * MIB,
  tools: [],
  mkfs: () => [],
  refusesOptions: NO_FILE_SYSTEM,
  refusedOptions: {},
  recoveryOptions: [],
  assumptions: () => [],
  fsck: () => [],
  fsckOutcome: (exitStatus: number) => (exitStatus === 0 ? 'clean' : 'could-not-tell'),
  kernelDamage: [],
} satisfies Filesystem;
