/**
 * FUA writes reach the log when they complete, ahead of plain writes that completed before them but were not flushed yet.
 * So where a plain write overlaps an earlier-logged FUA of the same epoch, the log does not tell which came last. The
 * device's final content does, as long as nothing later touches the block. Else the states that hold the doubtful content
 * are left out and counted: neither content may be asserted. That begins with the plain write, not with the flush behind
 * it: foreign logs have barriers between the two, and a state may be asked for by its name.
 */
import { readSync } from 'node:fs';
import { countBelow } from '../ascending.ts';
import { dataOffsetBytes, type LogIndex } from '../dmlog/log-index.ts';
import { FLAG } from '../dmlog/layout.ts';
import { findInversions, type Inversion } from '../dmlog/overlap.ts';
import { mergeDoubts, type Doubts, type SectorDoubt } from './doubts.ts';

/** Where the settled content stands in the log and where it belongs. */
interface Correction {
  readonly logOffsetBytes: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** Content to be put in place with an entry, by that entry: the plain write that the log lists too late. */
export type Corrections = ReadonlyMap<number, readonly Correction[]>;

export interface Settlement {
  readonly corrections: Corrections;
  readonly doubts: Doubts;
  /** The same, sector by sector: a state that holds single writes is doubtful only if it holds one of these. */
  readonly doubtfulSectors: readonly SectorDoubt[];
  /** Blocks whose order was in question. */
  readonly inverted: number;
}

interface Block {
  readonly sector: number;
  /** The last FUA write to it in its epoch. */
  fua: number;
  /** The first and the last plain write to it that may be older than a FUA write. */
  readonly firstPlain: number;
  plain: number;
}

/** @param finalFd the device's content at the log's end; undefined when it is not known */
export function settleInversions(index: LogIndex, logFd: number, finalFd: number | undefined): Settlement {
  const blocks = contested(index, findInversions(index));
  const touched = nextTouches(index, blocks);
  const corrections = new Map<number, Correction[]>();
  const doubts: SectorDoubt[] = [];
  for (const block of blocks) {
    const later = touched.get(block);
    // What was written there later hides what the device held in between.
    const last = lastWrite(index, block, logFd, later === undefined ? finalFd : undefined);
    if (last === 'fua') {
      corrections.set(block.plain, [...(corrections.get(block.plain) ?? []), correctionOf(index, block)]);
    }
    // Of several plain writes to one place, the content tells no more than where the last of them stands.
    const end = last === undefined ? (later ?? index.entryCount) : block.plain;
    if (block.firstPlain < end) doubts.push({ sector: block.sector, first: block.firstPlain, end });
  }
  return { corrections, doubts: mergeDoubts(doubts), doubtfulSectors: doubts, inverted: blocks.length };
}

/** Which of the two the device held at the end; the plain write where both say the same; undefined when nothing tells. */
function lastWrite(
  index: LogIndex,
  block: Block,
  logFd: number,
  finalFd: number | undefined,
): 'fua' | 'plain' | undefined {
  const fua = blockContent(index, logFd, block.fua, block.sector);
  const plain = blockContent(index, logFd, block.plain, block.sector);
  if (plain && fua && fua.equals(plain)) return 'plain';
  if (finalFd === undefined) return undefined;
  const final = read(finalFd, index.sectorBytes, block.sector * index.sectorBytes);
  if (plain && final.equals(plain)) return 'plain';
  return fua && final.equals(fua) ? 'fua' : undefined;
}

function correctionOf(index: LogIndex, { fua, sector }: Block): Correction {
  const { sectorBytes } = index;
  const logOffsetBytes = contentOffset(index, fua, sector);
  return { logOffsetBytes, offsetBytes: sector * sectorBytes, lengthBytes: sectorBytes };
}

/** One record per contested sector and epoch. */
function contested(index: LogIndex, inversions: readonly Inversion[]): Block[] {
  const blocks = new Map<string, Block>();
  for (const { fua, plain, flush, sector, sectorCount } of inversions) {
    for (let at: number = sector; at < sector + sectorCount; at++) {
      const key = `${flush}:${at}`;
      const known = blocks.get(key);
      if (!known) {
        blocks.set(key, { sector: at, fua, firstPlain: plain, plain });
        continue;
      }
      // Inversions come by plain entry: the first that was seen is the first.
      known.fua = Math.max(known.fua, fua);
      known.plain = plain;
    }
  }
  return [...blocks.values()].sort((a, b) => a.plain - b.plain || a.sector - b.sector);
}

/** For each block, the first entry behind its plain write that touches it again. */
function nextTouches(index: LogIndex, blocks: readonly Block[]): Map<Block, number> {
  const touched = new Map<Block, number>();
  if (blocks.length === 0) return touched;
  const bySector = new Map<number, Block[]>();
  for (const block of blocks) bySector.set(block.sector, [...(bySector.get(block.sector) ?? []), block]);
  const sorted = [...bySector.keys()].sort((a, b) => a - b);
  for (let entry = blocks[0]!.plain + 1; entry < index.entryCount; entry++) {
    const start = index.sectors[entry]!;
    const end = start + index.sectorCounts[entry]!;
    for (let i = countBelow(sorted, start); i < sorted.length && sorted[i]! < end; i++) {
      for (const block of bySector.get(sorted[i]!)!) {
        if (block.plain < entry && !touched.has(block)) touched.set(block, entry);
      }
    }
  }
  return touched;
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
