import { formatByteCount } from '../units.ts';
import type { LogEntry } from './entry.ts';
import { isDiscard } from './entry-role.ts';
import { END_MARK, FLAG } from './layout.ts';
import { countEntries } from './log-counts.ts';
import type { LogIndex } from './log-index.ts';
import type { LogSuperblock } from './superblock.ts';
import { terminalText } from './terminal-text.ts';

/**
 * The rule: `powercut log` shows a log as it is, one line or one JSON object an entry, positions in the log's own sectors
 * with the bytes beside them, so that any line can be found with dd and compared with other tools.
 *
 * Not covered: payload, and any judgement on the recording beyond what the log itself shows.
 */
export type FlagName = keyof typeof FLAG;

export interface EntryJson {
  readonly entry: number;
  readonly flags: readonly FlagName[];
  /** In log sectors, as the next one. */
  readonly sector: number;
  readonly sectorCount: number;
  /** How much of the device it covers; a discard's too, which has no data. */
  readonly bytes: number;
  readonly dataBytes: number;
  readonly headerOffsetBytes: number;
  readonly dataOffsetBytes: number;
  /** As recorded: control characters are not taken out. */
  readonly mark?: string;
}

export function entryToJson(entry: LogEntry): EntryJson {
  return {
    entry: entry.index,
    flags: flagNames(entry.flags),
    sector: entry.sector,
    sectorCount: entry.sectorCount,
    bytes: coveredBytes(entry),
    dataBytes: entry.dataBytes,
    headerOffsetBytes: entry.headerOffsetBytes,
    dataOffsetBytes: entry.dataOffsetBytes,
    ...(entry.mark === undefined ? {} : { mark: entry.mark }),
  };
}

/** `  134  @4766208  FLUSH|FUA|METADATA  sector 32812 +0`: one line, safe for a terminal. */
export function describeEntry(entry: LogEntry): string {
  const place = `${String(entry.index).padStart(6)}  @${entry.headerOffsetBytes}`;
  if (entry.mark !== undefined) return `${place}  MARK  ${terminalText(entry.mark)}`;
  const names = flagNames(entry.flags).map((name) => name.toUpperCase());
  const range = `sector ${entry.sector} +${entry.sectorCount}`;
  const size =
    entry.sectorCount === 0 ? '' : ` (${coveredBytes(entry)} bytes${isDiscard(entry.flags) ? ', no data' : ''})`;
  return `${place}  ${names.join('|') || 'WRITE'}  ${range}${size}`;
}

/** A few lines for people; remarks on what is missing come last. */
export function describeLog(index: LogIndex, superblock: LogSuperblock): string {
  const counts = countEntries(index);
  return [
    `dm-log-writes log, version ${superblock.version}, ${superblock.sectorBytes}-byte sectors, ${superblock.entryCount} entries`,
    `  ${counts.plain} plain writes, ${counts.fuas} FUA writes, ${counts.flushes} flushes, ${counts.discards} discards, ${counts.marks} marks`,
    `  ${formatByteCount(counts.dataBytes)} of data`,
    ...remarksOn(index).map((remark) => `  ${remark}`),
  ].join('\n');
}

function remarksOn(index: LogIndex): string[] {
  const beyond = index.readableBeyondCount;
  const more = `${beyond} more ${beyond === 1 ? 'entry validates' : 'entries validate'} behind the counted ${index.countedEntries}`;
  if (index.endMark) {
    const end = `complete: the last entry is the mark ${END_MARK}`;
    return beyond === 0 ? [end] : [end, `leftovers: ${more}, from an older run on a log that was not zeroed`];
  }
  const cut = `truncated: the last entry is not the mark ${END_MARK}: the log ran full, hit an I/O error, or was read before removal (QEMU never writes that mark)`;
  return beyond === 0 ? [cut] : [cut, `stale count: ${more}`];
}

function flagNames(flags: number): FlagName[] {
  return (Object.keys(FLAG) as FlagName[]).filter((name) => (flags & FLAG[name]) !== 0);
}

/** An entry does not carry the sector size, but its header is one sector long. */
const coveredBytes = (entry: LogEntry): number => entry.sectorCount * (entry.dataOffsetBytes - entry.headerOffsetBytes);
