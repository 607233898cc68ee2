/**
 * A power cut may come again while a crash state recovers. What the recovery writes is logged like a workload, and the disk
 * after some barrier of that log is a crash state too:
 *
 *     p347:p12             p347 was mounted and recovered; the power went when entries 0 to 12 of what that wrote were done
 *     p347+349:p12:p3      the same after p347+349, and once more during the recovery from that
 *
 * A recovery is recorded anew by whoever looks into it. Its log tells contents apart that may differ from time to time
 * (time stamps), so the number of an entry means something only as long as the recovery writes the same things in the same
 * order.
 */
import { UsageError } from '../errors.ts';
import { entryIndex, type EntryIndex } from '../units.ts';
import type { CrashState } from './crash-state.ts';
import { formatCrashState, parseCrashState } from './state-id.ts';

export interface CrashPath {
  /** Of the recording's log. */
  readonly outer: CrashState;
  /** The last entry that was done, in the log of the first recovery, of the recovery after that, and so on. */
  readonly recoveries: readonly EntryIndex[];
}

/** Recoveries that may follow each other; a deeper one would show nothing new for a night's work. */
export const DEPTH_MAX = 5;

export function formatCrashPath({ outer, recoveries }: CrashPath): string {
  return [formatCrashState(outer), ...recoveries.map((entry) => `p${entry}`)].join(':');
}

/** @throws UsageError when the text is no state id */
export function parseCrashPath(text: string): CrashPath {
  const [outer = '', ...rest] = text.split(':');
  if (rest.length > DEPTH_MAX) throw new UsageError(`"${text}" is no crash state: more than ${DEPTH_MAX} recoveries`);
  return { outer: parseCrashState(outer), recoveries: rest.map((part) => parsePoint(part, text)) };
}

/** The state of the recording's own log that a text begins with: what was acknowledged, and what the disk is held to be. */
export const outerState = (text: string): CrashState => parseCrashPath(text).outer;

/** Whether a write reached the disk in part. */
export const isTorn = (text: string): boolean => (outerState(text).survivors ?? []).some(({ sectors }) => sectors);

/** How often the power went during recovery. */
export const recoveryDepth = (text: string): number => text.split(':').length - 1;

/** The state whose recovery a state is cut out of; undefined for one of the recording's own. */
export function stateBefore({ outer, recoveries }: CrashPath): CrashPath | undefined {
  return recoveries.length === 0 ? undefined : { outer, recoveries: recoveries.slice(0, -1) };
}

/** In the order of their logs, a state before those of its recovery. */
export function compareCrashPaths(left: CrashPath, right: CrashPath): number {
  const byPoint = (left.outer.crashPoint ?? -1) - (right.outer.crashPoint ?? -1);
  if (byPoint !== 0) return byPoint;
  const [leftOuter, rightOuter] = [formatCrashState(left.outer), formatCrashState(right.outer)];
  if (leftOuter !== rightOuter) return leftOuter < rightOuter ? -1 : 1;
  const depth = Math.max(left.recoveries.length, right.recoveries.length);
  for (let i = 0; i < depth; i++) {
    const difference = (left.recoveries[i] ?? -1) - (right.recoveries[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

function parsePoint(part: string, text: string): EntryIndex {
  if (/^p(?:0|[1-9]\d{0,9})$/.test(part)) return entryIndex(Number(part.slice(1)));
  throw new UsageError(`"${text}" is no crash state: expected "p<entry>" behind each ":", for example "p347:p12"`);
}
