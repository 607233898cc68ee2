/**
 * The exact rule for a key that is only put and deleted. Some operation wrote last what is found there, or none did. That
 * it was the last rules out every operation that began after it was over, and nothing else: whatever overlaps it may have
 * come before. So the operations that can be part of what is found are those which began before the latest end among the
 * possible last writers.
 */
import type { Moment } from './moment.ts';
import type { KeyOperation, Timeline } from './timeline.ts';

export interface RegisterReading {
  /** Who can have written last what is found. */
  readonly writers: readonly KeyOperation[];
  /** Operations that began later are not part of it; -Infinity when nobody wrote, NaN when nobody can have. */
  readonly bound: number;
}

/** @param found what the key holds, undefined for nothing */
export function readRegister(timeline: Timeline, found: string | undefined, moment: Moment): RegisterReading {
  const candidates = found === undefined ? timeline.removals : (timeline.byValue.get(found) ?? []);
  const writers = candidates.filter(({ operation }) => !moment.isImpossible(operation));
  if (writers.length === 0) return { writers, bound: found === undefined ? -Infinity : NaN };
  // Not Math.max(...): a key may have been written a hundred thousand times.
  let bound = -Infinity;
  for (const { end } of writers) if (end > bound) bound = end;
  return { writers, bound };
}
