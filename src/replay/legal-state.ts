/**
 * Which crash states a log allows. A state is legal when a disk with a volatile cache can hold it: it loses or keeps any
 * of the writes that no completed flush covers, in whole blocks, and nothing else. With `lyingFrom` it is legal on a disk
 * whose flushes lied from there on. A flipped bit is legal in any state: rot asks for no order. Whether the device is large enough
 * for it, the log does not say.
 */
import { nextBarrier } from '../dmlog/barrier.ts';
import { isDiscard, isFlush, isFlushWithData, isFuaWrite, isMark, isPlain } from '../dmlog/entry-role.ts';
import type { LogIndex } from '../dmlog/log-index.ts';
import type { CrashState, Survivor } from './crash-state.ts';
import { lostWrites } from './lost-writes.ts';

/** @returns why this log has no such state; undefined when it is legal */
export function whyIllegal(index: LogIndex, state: CrashState): string | undefined {
  const { crashPoint, lyingFrom, survivors = [] } = state;
  const last = Math.max(crashPoint ?? -1, survivors.at(-1)?.entry ?? -1);
  if (last >= index.entryCount) return `it is not in this log: its last entry is ${index.entryCount - 1}`;
  if (lyingFrom !== undefined && !(lyingFrom <= (crashPoint ?? -1) && isFlush(index.flags[lyingFrom]!))) {
    return `entry ${lyingFrom} is no flush up to its crash point`;
  }
  const lost = new Set<number>(lostWrites(index, state));
  return whyKeptIllegal(index, state, lost) ?? whySurvivorsIllegal(index, state, survivors, lost);
}

/**
 * The first barrier that had not completed when the power went: the first behind the crash point. A flush with data has
 * two halves: where everything before it is on the disk, its flush may be done and its write be on its way.
 *
 * @returns the entry count when the log ends before one
 */
export function openBarrier(index: LogIndex, state: CrashState): number {
  const next = nextBarrier(index, state.crashPoint ?? -1);
  const last = state.survivors?.at(-1)?.entry ?? -1;
  if (last < next || next >= index.entryCount) return next;
  const isPlainThen = isPlain(index.flags[next]!, index.sectorCounts[next]!);
  return isPlainThen && isWholeBefore(index, state, next) ? nextBarrier(index, next) : next;
}

/** Whether a flush behind the crash point can be done: nothing is missing before it. */
function isWholeBefore(index: LogIndex, { crashPoint, lyingFrom, survivors = [] }: CrashState, flush: number): boolean {
  if (lyingFrom !== undefined) return false;
  const whole = new Set<number>(survivors.filter(({ sectors }) => !sectors).map(({ entry }) => entry));
  for (let entry = (crashPoint ?? -1) + 1; entry < flush; entry++) {
    if (!isMark(index.flags[entry]!) && index.sectorCounts[entry]! > 0 && !whole.has(entry)) return false;
  }
  return true;
}

function whyKeptIllegal(index: LogIndex, { crashPoint, keptDiscards = [] }: CrashState, lost: ReadonlySet<number>) {
  const noDiscard = keptDiscards.find((entry) => !(entry <= (crashPoint ?? -1) && isDiscard(index.flags[entry]!)));
  if (noDiscard !== undefined) return `entry ${noDiscard} is no discard up to its crash point`;
  const twice = keptDiscards.find((entry) => lost.has(entry));
  return twice === undefined ? undefined : `entry ${twice} is a discard that the lie has lost already`;
}

function whySurvivorsIllegal(
  index: LogIndex,
  state: CrashState,
  survivors: readonly Survivor[],
  lost: ReadonlySet<number>,
): string | undefined {
  const barrier = openBarrier(index, state);
  for (const survivor of survivors) {
    const { entry } = survivor;
    const why = whyPartImpossible(index, survivor);
    if (why !== undefined) return why;
    if (lost.has(entry)) continue;
    if (entry <= (state.crashPoint ?? -1)) return `entry ${entry} is on the disk anyway`;
    if (entry > barrier)
      return `entry ${entry} was written after the barrier at ${barrier}, which is behind its crash point`;
    if (!isInFlight(index, state, entry, barrier)) return `entry ${entry} is no write that could be on its way`;
  }
  return undefined;
}

function whyPartImpossible(index: LogIndex, { entry, sectors }: Survivor): string | undefined {
  const count = index.sectorCounts[entry]!;
  if (count <= (sectors?.at(-1)?.last ?? 0)) return `entry ${entry} has no such sector`;
  if (!sectors) return undefined;
  if (isDiscard(index.flags[entry]!)) return `entry ${entry} is a discard, which is not done in part`;
  const isAll = sectors.length === 1 && sectors[0]!.first === 0 && sectors[0]!.last === count - 1;
  return isAll ? `these sectors of entry ${entry} are all it has: write ${entry}` : undefined;
}

function isInFlight(index: LogIndex, state: CrashState, entry: number, barrier: number): boolean {
  const [flags, sectorCount] = [index.flags[entry]!, index.sectorCounts[entry]!];
  if (entry < barrier) return sectorCount > 0 && isPlain(flags, sectorCount);
  // The write half of a flush with data starts when its flush is done.
  return isFuaWrite(flags, sectorCount) && (!isFlushWithData(flags, sectorCount) || isWholeBefore(index, state, entry));
}

/** The log does not say how large the device was. @returns why it has no such byte; undefined when it has */
export function whyNotOnDevice({ flip }: CrashState, deviceBytes: number): string | undefined {
  if (flip === undefined || flip.byte < deviceBytes) return undefined;
  return `its device has no byte ${flip.byte}: it has ${deviceBytes}`;
}
