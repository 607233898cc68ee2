import { UsageError } from '../errors.ts';
import { entryIndex, sectorCount, sectorIndex, type EntryIndex, type SectorCount, type SectorIndex } from '../units.ts';
import { badLog, entryPlace } from './bad-log.ts';
import { dataBytesOf, isMark } from './entry-role.ts';
import { headerDefect, type EntryHeader } from './entry-header.ts';
import { HEADER } from './layout.ts';
import { readU64, writeU64 } from './u64.ts';

/**
 * The rule: an entry is a header that holds every rule of entry-header.ts, at a place where the log has all of its data
 * and the device has all of its sectors. Nothing links an entry to a run, and there is no checksum.
 *
 * Not covered: torn logs. A header whose data never reached the log's medium looks like a write of zeros.
 */
export interface LogEntry {
  readonly index: EntryIndex;
  readonly headerOffsetBytes: number;
  /** Where it goes on the recorded device. An empty flush may name one all the same; it means nothing then. */
  readonly sector: SectorIndex;
  readonly sectorCount: SectorCount;
  /** Bits of `FLAG`. */
  readonly flags: number;
  /** Directly behind the header sector, also when there is no data. */
  readonly dataOffsetBytes: number;
  /** 0 for a discard, a mark and an empty flush. */
  readonly dataBytes: number;
  /** Only for marks. Bytes that are no UTF-8 become U+FFFD. */
  readonly mark?: string;
}

/** What an entry must stay inside of. `deviceBytes` undefined: the device's size is not known and not judged. */
export interface EntryLimits {
  /** For messages. */
  readonly path: string;
  readonly logBytes: number;
  readonly sectorBytes: number;
  readonly deviceBytes: number | undefined;
}

/**
 * @param header one whole log sector.
 * @throws StepError `bad-log`, naming the entry, the byte and the reason.
 */
export function decodeEntry(header: Buffer, index: number, headerOffsetBytes: number, limits: EntryLimits): LogEntry {
  const raw = readHeader(header);
  const reason =
    headerDefect(raw, limits.sectorBytes) ??
    paddingDefect(header, raw.flags) ??
    placeDefect(raw, headerOffsetBytes, limits);
  if (reason !== undefined) throw badLog(limits.path, entryPlace(index, headerOffsetBytes), reason);
  const entry = {
    index: entryIndex(index),
    headerOffsetBytes,
    sector: sectorIndex(raw.sector),
    sectorCount: sectorCount(raw.sectorCount),
    flags: raw.flags,
    dataOffsetBytes: headerOffsetBytes + limits.sectorBytes,
    dataBytes: dataBytesOf(raw.flags, raw.sectorCount, limits.sectorBytes),
  };
  return isMark(raw.flags) ? { ...entry, mark: markText(header, raw.textLength) } : entry;
}

/**
 * @returns one log sector.
 * @throws UsageError when the reader would refuse it.
 */
export function encodeEntry(
  entry: { sector: number; sectorCount: number; flags: number; mark?: string },
  sectorBytes: number,
): Buffer {
  const text = Buffer.from(entry.mark ?? '', 'utf8');
  const raw = { ...entry, textLength: text.length };
  const reason = headerDefect(raw, sectorBytes) ?? strayTextDefect(raw);
  if (reason !== undefined) throw new UsageError(`cannot write this log entry: ${reason}`);
  const header = Buffer.alloc(sectorBytes);
  writeU64(header, entry.sector, HEADER.sector);
  writeU64(header, entry.sectorCount, HEADER.sectorCount);
  writeU64(header, entry.flags, HEADER.flags);
  writeU64(header, text.length, HEADER.textLength);
  text.copy(header, HEADER.text);
  return header;
}

function readHeader(header: Buffer): EntryHeader {
  return {
    sector: readU64(header, HEADER.sector),
    sectorCount: readU64(header, HEADER.sectorCount),
    flags: readU64(header, HEADER.flags),
    textLength: readU64(header, HEADER.textLength),
  };
}

const markText = (header: Buffer, textLength: number): string =>
  header.toString('utf8', HEADER.text, HEADER.text + textLength);

const strayTextDefect = (raw: EntryHeader): string | undefined =>
  raw.textLength > 0 && !isMark(raw.flags) ? 'only a mark has text' : undefined;

/** Shared by all headers of one sector size, since comparing with zeros is much cheaper than a loop over bytes. */
let zeros = Buffer.alloc(0);

function paddingDefect(header: Buffer, flags: number): string | undefined {
  if (isMark(flags)) return undefined;
  if (zeros.length < header.length) zeros = Buffer.alloc(header.length);
  const isZero = header.compare(zeros, 0, header.length - HEADER.text, HEADER.text) === 0;
  return isZero ? undefined : `bytes ${HEADER.text} to ${header.length - 1} of the header are not all zero`;
}

function placeDefect(raw: EntryHeader, headerOffsetBytes: number, limits: EntryLimits): string | undefined {
  const endBytes = (raw.sector + raw.sectorCount) * limits.sectorBytes;
  if (!Number.isSafeInteger(endBytes)) return 'it ends above byte 2^53 - 1 of the device';
  if (limits.deviceBytes !== undefined && endBytes > limits.deviceBytes) {
    return `it ends at byte ${endBytes} of the device, which has ${limits.deviceBytes}`;
  }
  const dataBytes = dataBytesOf(raw.flags, raw.sectorCount, limits.sectorBytes);
  const logEndBytes = headerOffsetBytes + limits.sectorBytes + dataBytes;
  if (logEndBytes <= limits.logBytes) return undefined;
  return `its data would end at byte ${logEndBytes}, but the log ends at byte ${limits.logBytes}: truncated`;
}
