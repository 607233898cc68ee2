import { StepError } from '../errors.ts';
import { entryIndex, sectorCount, sectorIndex, type EntryIndex, type SectorCount, type SectorIndex } from '../units.ts';
import { entryPlace } from './bad-log.ts';
import { isFuaWrite, isPlain } from './entry-role.ts';
import { epochs, type Epoch } from './epoch.ts';
import { FuaRanges } from './fua-ranges.ts';
import type { LogIndex } from './log-index.ts';

/**
 * The rule: the kernel logs a FUA write when it completes and a plain write only with the flush that covers it. So where
 * a plain write (or discard) overlaps a FUA write that stands before it in the same epoch, the log's order says nothing:
 * the plain write may be the older one. Observed on kernels 6.1 and 6.12, through ext4 too (O_DIRECT, then RWF_DSYNC).
 *
 * Not covered: which of the two is newer. That takes contents (the final device image), and this works on positions.
 */
export interface Inversion {
  /** A FUA write, logged first. */
  readonly fua: EntryIndex;
  /** A plain write or discard of the same epoch, logged later. */
  readonly plain: EntryIndex;
  /** The flush that closes their epoch; undefined in the open last one. */
  readonly flush: EntryIndex | undefined;
  /** Where the two overlap. */
  readonly sector: SectorIndex;
  readonly sectorCount: SectorCount;
}

/** n FUA writes and n plain writes of one block make n * n pairs, so a short log could fill any memory. */
const PAIR_LIMIT = 1_000_000;

/**
 * Every such pair, by plain entry. Time grows with entries and pairs, not with their product. Scratch: 16 bytes per FUA
 * write of the largest epoch, while that epoch is looked at.
 *
 * @throws StepError `bad-log` above `pairLimit` pairs: no order could be vouched for in such a recording.
 */
export function findInversions(index: LogIndex, pairLimit: number = PAIR_LIMIT): Inversion[] {
  const found: Inversion[] = [];
  for (const epoch of epochs(index)) {
    const end = behindLastPlain(index, epoch);
    const fuas = fuasBetween(index, epoch.first, end);
    // Most epochs have no FUA write before a plain one, and are done here.
    if (fuas.length > 0) collect(index, { ...epoch, end }, new FuaRanges(index, fuas), found, pairLimit);
  }
  return found;
}

function behindLastPlain(index: LogIndex, epoch: Epoch): EntryIndex {
  let end = epoch.end as number;
  while (end > epoch.first && !isPlainWithLength(index, end - 1)) end -= 1;
  return entryIndex(end);
}

function fuasBetween(index: LogIndex, first: number, end: number): Uint32Array {
  let count = 0;
  for (let entry = first; entry < end; entry += 1) if (isFuaAt(index, entry)) count += 1;
  const fuas = new Uint32Array(count);
  let filled = 0;
  for (let entry = first; filled < count; entry += 1) if (isFuaAt(index, entry)) fuas[filled++] = entry;
  return fuas;
}

function collect(index: LogIndex, epoch: Epoch, ranges: FuaRanges, found: Inversion[], pairLimit: number): void {
  for (let entry = epoch.first; entry < epoch.end; entry = entryIndex(entry + 1)) {
    if (isFuaAt(index, entry)) ranges.add(entry);
    if (!isPlainWithLength(index, entry)) continue;
    ranges.forEachOverlap(entry, (fua) => {
      if (found.length >= pairLimit) throw tooMany(index, entry, pairLimit);
      found.push(inversionOf(index, entryIndex(fua), entry, epoch.flush));
    });
  }
}

function inversionOf(index: LogIndex, fua: EntryIndex, plain: EntryIndex, flush: EntryIndex | undefined): Inversion {
  const start = Math.max(index.sectors[fua]!, index.sectors[plain]!);
  const end = Math.min(endOf(index, fua), endOf(index, plain));
  return { fua, plain, flush, sector: sectorIndex(start), sectorCount: sectorCount(end - start) };
}

const endOf = (index: LogIndex, entry: number): number => index.sectors[entry]! + index.sectorCounts[entry]!;

const isFuaAt = (index: LogIndex, entry: number): boolean =>
  isFuaWrite(index.flags[entry]!, index.sectorCounts[entry]!);

/** An entry without length has no place, so it overlaps nothing. */
const isPlainWithLength = (index: LogIndex, entry: number): boolean =>
  index.sectorCounts[entry]! > 0 && isPlain(index.flags[entry]!, index.sectorCounts[entry]!);

function tooMany(index: LogIndex, entry: EntryIndex, pairLimit: number): StepError {
  const place = entryPlace(entry, index.headerOffsetsBytes[entry]!);
  const reason = `more than ${pairLimit} pairs of a plain write and a FUA write of one place, in unknown order`;
  return new StepError(
    'bad-log',
    `write log: ${place}: ${reason}\nThe workload writes the same blocks with and without O_DSYNC and never flushes between. Record fewer operations, or flush.`,
  );
}
