import { StepError } from '../errors.ts';
import { badLog, entryPlace } from './bad-log.ts';
import { withRoom } from './column.ts';
import { EntryCursor } from './entry-cursor.ts';
import { dataBytesOf } from './entry-role.ts';
import type { LogEntry } from './entry.ts';
import { END_MARK, SUPERBLOCK } from './layout.ts';
import type { LogSource } from './log-source.ts';
import { MarkTableBuilder, type MarkTable } from './mark-table.ts';
import { readSuperblock, type ReadOptions } from './reader.ts';
import type { LogSuperblock } from './superblock.ts';

/**
 * The rule: one walk proves every counted entry and keeps where it is, never what it holds. Twenty-five bytes an entry:
 *
 *   10^7 entries x (8 header offset + 8 sector + 8 length + 1 flags)           250 MB
 *   10^7 marks   x (4 entry + 8 end of text), if every entry is one            120 MB
 *   mark text, refused above 384 MiB                                           403 MB
 *   the old half of the one array that is growing, at worst the text's         201 MB
 *                                                                        sum   974 MB, below 1 GiB
 *
 * Not covered: whether the recording is complete; `endMark` and `readableBeyondCount` are evidence for whoever judges.
 */
export interface LogIndex {
  readonly sectorBytes: number;
  /** Length of every column. */
  readonly entryCount: number;
  readonly headerOffsetsBytes: Float64Array;
  /** In log sectors, as the next one. */
  readonly sectors: Float64Array;
  readonly sectorCounts: Float64Array;
  /** Bits of `FLAG`. */
  readonly flags: Uint8Array;
  readonly marks: MarkTable;
  /** What the superblock says. */
  readonly countedEntries: number;
  /** Entries that validate behind the count, at most 65,536: a log that ran full, or an older run's leftovers. */
  readonly readableBeyondCount: number;
  /** Is the last entry the mark that the kernel writes at removal? */
  readonly endMark: boolean;
}

/** Entry numbers are kept in 32 bits (mark table, crash points). */
const ENTRY_LIMIT = 2 ** 32 - 1;
const BEYOND_COUNT_LIMIT = 65_536;

/** @throws StepError `bad-log` for anything that the reader refuses, and for logs beyond the limits above. */
export function indexLog(source: LogSource, options: ReadOptions = {}): LogIndex {
  const superblock = readSuperblock(source);
  const entryLimit = demandIndexable(source, superblock);
  const cursor = new EntryCursor(source, superblock, options.deviceBytes);
  const builder = new IndexBuilder(entryLimit);
  let last: LogEntry | undefined;
  for (let entry = 0; entry < superblock.entryCount; entry += 1) {
    last = cursor.next();
    builder.add(last, source.path);
  }
  return {
    ...builder.columns(),
    sectorBytes: superblock.sectorBytes,
    entryCount: superblock.entryCount,
    countedEntries: superblock.entryCount,
    endMark: last?.mark === END_MARK,
    readableBeyondCount: countReadable(cursor),
  };
}

/** Where an entry's data starts in the log. @param entry 0 to entryCount - 1. */
export const dataOffsetBytes = (index: LogIndex, entry: number): number =>
  index.headerOffsetsBytes[entry]! + index.sectorBytes;

/** 0 for a discard, a mark and an empty flush. @param entry 0 to entryCount - 1. */
export const dataBytes = (index: LogIndex, entry: number): number =>
  dataBytesOf(index.flags[entry]!, index.sectorCounts[entry]!, index.sectorBytes);

class IndexBuilder {
  readonly #entryLimit: number;
  readonly #marks: MarkTableBuilder;
  #headerOffsetsBytes = new Float64Array(0);
  #sectors = new Float64Array(0);
  #sectorCounts = new Float64Array(0);
  #flags = new Uint8Array(0);

  constructor(entryLimit: number) {
    this.#entryLimit = entryLimit;
    this.#marks = new MarkTableBuilder(entryLimit);
  }

  add(entry: LogEntry, path: string): void {
    this.#makeRoom(entry.index + 1);
    this.#headerOffsetsBytes[entry.index] = entry.headerOffsetBytes;
    this.#sectors[entry.index] = entry.sector;
    this.#sectorCounts[entry.index] = entry.sectorCount;
    this.#flags[entry.index] = entry.flags;
    if (entry.mark === undefined || this.#marks.add(entry.index, entry.mark)) return;
    throw badLog(path, entryPlace(entry.index, entry.headerOffsetBytes), 'the marks hold more than 384 MiB of text');
  }

  columns(): Pick<LogIndex, 'headerOffsetsBytes' | 'sectors' | 'sectorCounts' | 'flags' | 'marks'> {
    return {
      headerOffsetsBytes: this.#headerOffsetsBytes,
      sectors: this.#sectors,
      sectorCounts: this.#sectorCounts,
      flags: this.#flags,
      marks: this.#marks.build(),
    };
  }

  #makeRoom(entryCount: number): void {
    this.#headerOffsetsBytes = withRoom(this.#headerOffsetsBytes, entryCount, this.#entryLimit);
    this.#sectors = withRoom(this.#sectors, entryCount, this.#entryLimit);
    this.#sectorCounts = withRoom(this.#sectorCounts, entryCount, this.#entryLimit);
    this.#flags = withRoom(this.#flags, entryCount, this.#entryLimit);
  }
}

/** The most entries that can come: no more than counted, and no more than there is room for. */
function demandIndexable(source: LogSource, superblock: LogSuperblock): number {
  const roomForEntries = Math.floor(source.sizeBytes / superblock.sectorBytes) - 1;
  const entryLimit = Math.min(superblock.entryCount, roomForEntries);
  if (entryLimit <= ENTRY_LIMIT) return entryLimit;
  const place = `superblock, entry count at byte ${SUPERBLOCK.entryCount}`;
  throw badLog(source.path, place, `${superblock.entryCount} entries, at most ${ENTRY_LIMIT} can be indexed`);
}

/** How many more entries validate from the cursor on. The first that does not is the end, whatever is wrong with it. */
function countReadable(cursor: EntryCursor): number {
  for (let count = 0; count < BEYOND_COUNT_LIMIT; count += 1) {
    try {
      cursor.next();
    } catch (error) {
      if (error instanceof StepError) return count;
      throw error;
    }
  }
  return BEYOND_COUNT_LIMIT;
}
