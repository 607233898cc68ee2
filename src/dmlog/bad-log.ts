import { StepError } from '../errors.ts';

/**
 * The rule: whatever is wrong with a log's bytes is one error with the code `bad-log`, and it names the file, the place
 * (an entry and a byte) and the reason.
 *
 * Not covered: a file that cannot be opened at all. That is the caller's mistake, a UsageError of log-source.ts.
 */
export function badLog(path: string, place: string, reason: string, options?: ErrorOptions): StepError {
  return new StepError(
    'bad-log',
    `write log ${path}: ${place}: ${reason}\n` +
      'Nothing from there on can be trusted. Record again, or give the unchanged file that dm-log-writes (or QEMU blklogwrites) wrote.',
    options,
  );
}

/** The place of an entry as every message words it. */
export const entryPlace = (index: number, headerOffsetBytes: number): string =>
  `entry ${index} at byte ${headerOffsetBytes}`;
