import { FLAG, KNOWN_FLAGS, maxMarkBytes } from './layout.ts';

/**
 * The rule: what one header may say, taken by itself. Reader and writer use this one list, so that neither can accept
 * what the other refuses. From dm-log-writes.c: a mark is only a mark and at most a sector less its header; a discard is
 * never a barrier; an entry with neither flags nor length is a zeroed sector, so the log ends there.
 *
 * Not covered: the text length of entries that are no marks. Kernels 4.15 to 5.16 set it for DAX copies, and it changes
 * nothing, since the length in sectors still says where the next header is.
 */
export interface EntryHeader {
  readonly sector: number;
  readonly sectorCount: number;
  readonly flags: number;
  /** Bytes of mark text; to be ignored without MARK. */
  readonly textLength: number;
}

/** Why the header is invalid; undefined when it is valid. */
export function headerDefect(header: EntryHeader, sectorBytes: number): string | undefined {
  if (header.flags === 0 && header.sectorCount === 0) {
    return 'its header is empty (no flags, no sectors), so the log ends before the entries that its superblock counts';
  }
  return flagDefect(header.flags) ?? positionDefect(header) ?? markDefect(header, sectorBytes);
}

function flagDefect(flags: number): string | undefined {
  // Bit operators see only 32 bits, so the range must be judged first.
  if (flags > KNOWN_FLAGS) return `unknown flag bits in ${shown(flags, 16)} (known: ${shown(KNOWN_FLAGS, 16)})`;
  const isDiscard = (flags & FLAG.discard) !== 0;
  if (isDiscard && (flags & (FLAG.flush | FLAG.fua)) !== 0) return 'a DISCARD with FLUSH or FUA, which no log has';
  return undefined;
}

function positionDefect({ sector, sectorCount }: EntryHeader): string | undefined {
  if (!isPosition(sector)) return 'its sector is no whole number from 0 to 2^53 - 1';
  if (!isPosition(sectorCount)) return 'its length in sectors is no whole number from 0 to 2^53 - 1';
  return undefined;
}

const isPosition = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

function markDefect(header: EntryHeader, sectorBytes: number): string | undefined {
  if ((header.flags & FLAG.mark) === 0) return undefined;
  if (header.flags !== FLAG.mark) return `a MARK with other flags (${shown(header.flags, 16)})`;
  if (header.sectorCount !== 0) return `a MARK with a length of ${header.sectorCount} sectors`;
  const limit = maxMarkBytes(sectorBytes);
  return header.textLength > limit
    ? `a MARK with ${shown(header.textLength, 10)} bytes of text, at most ${limit} fit`
    : undefined;
}

/** A rounded number in a message would be a wrong one. */
function shown(value: number, radix: 10 | 16): string {
  if (!Number.isSafeInteger(value)) return '2^53 or more';
  return radix === 16 ? `0x${value.toString(16)}` : String(value);
}
