/**
 * FUA writes reach the log when they complete, ahead of plain writes that completed before them but were not flushed yet.
 * So where a plain write overlaps an earlier-logged FUA of the same epoch, the log does not tell which came last. The
 * device's final content does, as long as nothing later touches the block. Else the states that hold the doubtful content
 * are left out and counted: neither content may be asserted.
 */
import { readSync } from 'node:fs';
import { dataOffsetBytes, type LogIndex } from '../dmlog/log-index.ts';
import { FLAG } from '../dmlog/layout.ts';
import { findInversions, type Inversion } from '../dmlog/overlap.ts';

/** Content to be put in place with an entry, by that entry: where it stands in the log and where it belongs. */
export type Corrections = ReadonlyMap<
  number,
  readonly { readonly logOffsetBytes: number; readonly offsetBytes: number; readonly lengthBytes: number }[]
>;

/** Crash points `first` up to but not including `end` hold a block whose content is unknown. */
export interface Doubt {
  readonly first: number;
  readonly end: number;
}

export interface Settlement {
  readonly corrections: Corrections;
  readonly doubts: readonly Doubt[];
  /** Blocks whose order was in question. */
  readonly inverted: number;
}

interface Block {
  readonly sector: number;
  readonly flush: number;
  fua: number;
  plain: number;
}

/** @param finalFd the device's content at the log's end; undefined when it is not known */
export function settleInversions(index: LogIndex, logFd: number, finalFd: number | undefined): Settlement {
  const blocks = contested(index, findInversions(index));
  const touched = nextTouches(index, blocks);
  const corrections = new Map<number, { logOffsetBytes: number; offsetBytes: number; lengthBytes: number }[]>();
  const doubts: Doubt[] = [];
  const { sectorBytes, entryCount } = index;
  for (const block of blocks) {
    const fua = blockContent(index, logFd, block.fua, block.sector);
    const plain = blockContent(index, logFd, block.plain, block.sector);
    if (plain && fua && fua.equals(plain)) continue;
    const later = touched.get(block);
    const settled = later === undefined && finalFd !== undefined;
    const final = settled ? read(finalFd, sectorBytes, block.sector * sectorBytes) : undefined;
    if (final && plain && final.equals(plain)) continue;
    if (final && fua && final.equals(fua)) {
      const list = corrections.get(block.flush) ?? [];
      list.push({
        logOffsetBytes: contentOffset(index, block.fua, block.sector),
        offsetBytes: block.sector * sectorBytes,
        lengthBytes: sectorBytes,
      });
      corrections.set(block.flush, list);
      continue;
    }
    doubts.push({ first: block.flush, end: later ?? entryCount });
  }
  return { corrections, doubts, inverted: blocks.length };
}

export function isDoubtful(doubts: readonly Doubt[], crashPoint: number | undefined): boolean {
  return crashPoint !== undefined && doubts.some(({ first, end }) => first <= crashPoint && crashPoint < end);
}

/** One record per contested sector and epoch, with the last FUA and the last plain write to it. */
function contested(index: LogIndex, inversions: readonly Inversion[]): Block[] {
  const blocks = new Map<string, Block>();
  for (const { fua, plain, flush, sector, sectorCount } of inversions) {
    const end = flush ?? index.entryCount;
    for (let at: number = sector; at < sector + sectorCount; at++) {
      const key = `${end}:${at}`;
      const known = blocks.get(key);
      if (!known) blocks.set(key, { sector: at, flush: end, fua, plain });
      else Object.assign(known, { fua: Math.max(known.fua, fua), plain: Math.max(known.plain, plain) });
    }
  }
  return [...blocks.values()].sort((a, b) => a.flush - b.flush || a.sector - b.sector);
}

/** For each block, the first entry behind its flush that touches it again. */
function nextTouches(index: LogIndex, blocks: readonly Block[]): Map<Block, number> {
  const touched = new Map<Block, number>();
  if (blocks.length === 0) return touched;
  const bySector = new Map<number, Block[]>();
  for (const block of blocks) bySector.set(block.sector, [...(bySector.get(block.sector) ?? []), block]);
  const sorted = [...bySector.keys()].sort((a, b) => a - b);
  for (let entry = blocks[0]!.flush + 1; entry < index.entryCount; entry++) {
    const start = index.sectors[entry]!;
    const end = start + index.sectorCounts[entry]!;
    for (let i = lowerBound(sorted, start); i < sorted.length && sorted[i]! < end; i++) {
      for (const block of bySector.get(sorted[i]!)!) {
        if (block.flush < entry && !touched.has(block)) touched.set(block, entry);
      }
    }
  }
  return touched;
}

function lowerBound(ascending: readonly number[], value: number): number {
  let low = 0;
  for (let high = ascending.length; low < high;) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What an entry puts into one sector; undefined for a discard, whose content nobody promises. */
function blockContent(index: LogIndex, logFd: number, entry: number, sector: number): Buffer | undefined {
  if (index.flags[entry]! & FLAG.discard) return undefined;
  return read(logFd, index.sectorBytes, contentOffset(index, entry, sector));
}

function contentOffset(index: LogIndex, entry: number, sector: number): number {
  return dataOffsetBytes(index, entry) + (sector - index.sectors[entry]!) * index.sectorBytes;
}

function read(fd: number, lengthBytes: number, offsetBytes: number): Buffer {
  const buffer = Buffer.alloc(lengthBytes);
  readSync(fd, buffer, 0, lengthBytes, offsetBytes);
  return buffer;
}
