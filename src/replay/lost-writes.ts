import { isFlush, isPlain } from '../dmlog/entry-role.ts';
import type { LogIndex } from '../dmlog/log-index.ts';
import { entryIndex, type EntryIndex } from '../units.ts';
import type { CrashState } from './crash-state.ts';

/**
 * The writes up to the crash point that a lying disk has lost: those that its first lying flush was to write out, and
 * those behind it up to the last lying one. Ascending. None for a state without a lie.
 */
export function lostWrites(index: LogIndex, { crashPoint, lyingFrom }: CrashState): EntryIndex[] {
  if (lyingFrom === undefined || crashPoint === undefined) return [];
  let end: number = crashPoint;
  while (end > lyingFrom && !isFlush(index.flags[end]!)) end--;
  let first: number = lyingFrom;
  while (first > 0 && !isFlush(index.flags[first - 1]!)) first--;
  // A flush with data: its flush was honest, its write is in the cache.
  if (first > 0 && index.sectorCounts[first - 1]! > 0) first--;
  const lost: EntryIndex[] = [];
  for (let entry = first; entry < end; entry++) {
    if (isPlain(index.flags[entry]!, index.sectorCounts[entry]!)) lost.push(entryIndex(entry));
  }
  return lost;
}
