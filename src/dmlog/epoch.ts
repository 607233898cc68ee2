import { entryIndex, type EntryIndex } from '../units.ts';
import { isFlush, isFlushWithData, isMark, isPlain } from './entry-role.ts';
import type { LogIndex } from './log-index.ts';

/**
 * The rule: a flush closes an epoch. The kernel holds plain writes back until the flush that covers them is done, so
 * within an epoch it writes (FUA | MARK)*, then the group of plain writes, then the FLUSH. Before that FLUSH completes,
 * any subset of the group may be on the medium. A FLUSH with data (foreign logs) closes one epoch, and its write opens
 * the next, so both name the same entry.
 *
 * Not covered: plain writes of one epoch that stand apart from the group, as QEMU and the tail of an interrupted
 * recording have them. They are counted, not offered: leaving them out costs states, never a false alarm.
 */
export interface Epoch {
  /** The first entry that belongs to it. */
  readonly first: EntryIndex;
  /** The flush that closes it; undefined for the open last one. */
  readonly flush: EntryIndex | undefined;
  /** Behind its last entry, the flush not counted: the flush's number, or the log's entry count. */
  readonly end: EntryIndex;
  /** The plain group is the entries groupFirst to groupEnd - 1; equal when it is empty. */
  readonly groupFirst: EntryIndex;
  /** `end`, or before it when marks stand between the group and the end, as the end mark does in an open epoch. */
  readonly groupEnd: EntryIndex;
  /** Plain writes and discards of this epoch outside the group; 0 in a log that the kernel wrote. */
  readonly strayPlainCount: number;
}

/** Lazily, so that a log of ten million flushes needs no list of them. The open epoch comes only if it has entries. */
export function* epochs(index: LogIndex): Generator<Epoch, void, undefined> {
  let first = 0;
  for (let entry = 0; entry < index.entryCount; entry += 1) {
    const flags = index.flags[entry]!;
    if (!isFlush(flags)) continue;
    // The write half of a FLUSH with data opened this epoch; only its flush half, met just before, closes one.
    yield epochOf(index, first, entry, entryIndex(entry));
    first = isFlushWithData(flags, index.sectorCounts[entry]!) ? entry : entry + 1;
  }
  if (first < index.entryCount) yield epochOf(index, first, index.entryCount, undefined);
}

function epochOf(index: LogIndex, first: number, end: number, flush: EntryIndex | undefined): Epoch {
  let groupEnd = end;
  while (groupEnd > first && isMark(index.flags[groupEnd - 1]!)) groupEnd -= 1;
  let groupFirst = groupEnd;
  while (groupFirst > first && isPlainAt(index, groupFirst - 1)) groupFirst -= 1;
  return {
    first: entryIndex(first),
    flush,
    end: entryIndex(end),
    groupFirst: entryIndex(groupFirst),
    groupEnd: entryIndex(groupEnd),
    strayPlainCount: countPlain(index, first, groupFirst),
  };
}

function countPlain(index: LogIndex, first: number, end: number): number {
  let count = 0;
  for (let entry = first; entry < end; entry += 1) if (isPlainAt(index, entry)) count += 1;
  return count;
}

const isPlainAt = (index: LogIndex, entry: number): boolean => isPlain(index.flags[entry]!, index.sectorCounts[entry]!);
