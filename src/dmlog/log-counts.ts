import { isDiscard, isFlush, isFuaWrite, isMark } from './entry-role.ts';
import { dataBytes, type LogIndex } from './log-index.ts';

/**
 * The rule: every entry is counted once, under what it does: any FLUSH is a flush (also the empty FLUSH|FUA of a file
 * system's commit), a FUA is one only with data.
 *
 * Not covered: the write half of a FLUSH with data. Its bytes are in `dataBytes`, the entry is a flush.
 */
export interface LogCounts {
  readonly flushes: number;
  readonly fuas: number;
  readonly discards: number;
  readonly marks: number;
  /** Plain writes, and entries of no length that are none of the above. */
  readonly plain: number;
  /** All payload together. */
  readonly dataBytes: number;
}

/** @param from the first entry that counts */
export function countEntries(index: LogIndex, from = 0): LogCounts {
  const counts = { flushes: 0, fuas: 0, discards: 0, marks: 0, plain: 0, dataBytes: 0 };
  for (let entry = from; entry < index.entryCount; entry += 1) {
    counts[kindOf(index.flags[entry]!, index.sectorCounts[entry]!)] += 1;
    counts.dataBytes += dataBytes(index, entry);
  }
  return counts;
}

function kindOf(flags: number, sectorCount: number): 'flushes' | 'fuas' | 'discards' | 'marks' | 'plain' {
  if (isFlush(flags)) return 'flushes';
  if (isFuaWrite(flags, sectorCount)) return 'fuas';
  if (isDiscard(flags)) return 'discards';
  return isMark(flags) ? 'marks' : 'plain';
}
