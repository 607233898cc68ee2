/** A flag that would be ignored without a word makes people believe in a run that never was. */
import { UsageError } from '../errors.ts';
import { flagOf, type Flags } from './flags.ts';

const OF_THE_DEVICE = ['fs', 'size', 'sectorSize', 'ioError'] as const;
const OF_A_RECORDING = [...OF_THE_DEVICE, 'setup', 'workload', 'workloadTimeout'] as const;

/** @param why nothing is recorded. @throws UsageError for a flag that only a new recording can follow */
export const assertNoRecordingFlags = (flags: Flags, why: string): void => assertNone(OF_A_RECORDING, flags, why);

/** The same for those that say on what is recorded. @throws UsageError */
export const assertNoDeviceFlags = (flags: Flags, why: string): void => assertNone(OF_THE_DEVICE, flags, why);

function assertNone(names: readonly (typeof OF_A_RECORDING)[number][], flags: Flags, why: string): void {
  const given = names.find((name) => flags[name] !== undefined);
  if (given === undefined) return;
  throw new UsageError(`${flagOf(given)} is about a recording that is to be made, and ${why}: leave it away`);
}
