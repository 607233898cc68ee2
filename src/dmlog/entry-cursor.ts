import { badLog, entryPlace } from './bad-log.ts';
import { decodeEntry, type EntryLimits, type LogEntry } from './entry.ts';
import type { LogSource } from './log-source.ts';
import type { LogSuperblock } from './superblock.ts';

/**
 * The rule: the next header stands directly behind this header and its data; there is no other way to find it. So a log
 * is walked from its first entry, and one bad header makes everything behind it unreadable.
 *
 * Not covered: where to stop. The superblock's count says that, and the walk may go on behind it to look for more.
 */
export class EntryCursor {
  readonly #source: LogSource;
  readonly #limits: EntryLimits;
  readonly #header: Buffer;
  #index = 0;
  #offsetBytes: number;

  /** @param deviceBytes size of the recorded device, if known: entries beyond it are refused. */
  constructor(source: LogSource, superblock: LogSuperblock, deviceBytes: number | undefined) {
    const { sectorBytes } = superblock;
    this.#source = source;
    this.#limits = { path: source.path, logBytes: source.sizeBytes, sectorBytes, deviceBytes };
    this.#header = Buffer.alloc(sectorBytes);
    this.#offsetBytes = sectorBytes;
  }

  /** Reads one header and moves behind its data. @throws StepError `bad-log`; the cursor then stays where it is. */
  next(): LogEntry {
    this.#demandHeader();
    this.#source.read(this.#header, this.#offsetBytes);
    const entry = decodeEntry(this.#header, this.#index, this.#offsetBytes, this.#limits);
    this.#index += 1;
    this.#offsetBytes = entry.dataOffsetBytes + entry.dataBytes;
    return entry;
  }

  #demandHeader(): void {
    const { path, logBytes, sectorBytes } = this.#limits;
    if (this.#offsetBytes + sectorBytes <= logBytes) return;
    const reason = `the log ends at byte ${logBytes}, before this header: truncated, or the superblock counts too many`;
    throw badLog(path, entryPlace(this.#index, this.#offsetBytes), reason);
  }
}
