import { FLAG } from './layout.ts';

/**
 * The rule: what an entry means for durability follows from its flags and its length, never from a flag alone. ext4
 * commits arrive as an empty FLUSH|FUA|METADATA and then the FUA write itself: the first is only a flush. A FLUSH that
 * carries data (foreign logs; the kernel never writes one) is a flush first, then a write, durable only if FUA is set.
 *
 * Not covered: which of several writes to one place is newer. That is the log's order, or overlap.ts where it is not.
 */
export const isFlush = (flags: number): boolean => (flags & FLAG.flush) !== 0;

export const isMark = (flags: number): boolean => (flags & FLAG.mark) !== 0;

export const isDiscard = (flags: number): boolean => (flags & FLAG.discard) !== 0;

/** A flush that is followed by its own write. Only logs that the kernel did not write have it. */
export const isFlushWithData = (flags: number, sectorCount: number): boolean => isFlush(flags) && sectorCount > 0;

/** A write that is on the medium once it is done: FUA, with data. */
export const isFuaWrite = (flags: number, sectorCount: number): boolean => (flags & FLAG.fua) !== 0 && sectorCount > 0;

/** A write or discard that stays in the volatile cache until the next flush; also the write half of a FLUSH with data. */
export function isPlain(flags: number, sectorCount: number): boolean {
  if ((flags & (FLAG.fua | FLAG.mark)) !== 0) return false;
  return !isFlush(flags) || sectorCount > 0;
}

/** Bytes of data behind the header. A discard has a length and no data; a mark and an empty flush have neither. */
export const dataBytesOf = (flags: number, sectorCount: number, sectorBytes: number): number =>
  isDiscard(flags) ? 0 : sectorCount * sectorBytes;
