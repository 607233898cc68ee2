import { closeSync, openSync, writeSync } from 'node:fs';
import { UsageError } from '../errors.ts';
import { encodeEntry } from './entry.ts';
import { isDiscard } from './entry-role.ts';
import { LOG_VERSION } from './layout.ts';
import type { NewLogEntry } from './new-entry.ts';
import { encodeSuperblock, isSectorBytes } from './superblock.ts';

/**
 * The rule: the writer is the reader's twin. It writes only what the reader accepts, in the kernel's layout, so that
 * scenarios, fixtures and tests are judged by the same rules as recordings.
 *
 * Not covered: damage. Tests that need a bad log write a good one and break its bytes. No end mark is added either.
 */
export interface WriteOptions {
  /** Bytes in a log sector: a power of two, 512 to 8 MiB. */
  readonly sectorBytes: number;
  /** What the superblock shall claim, if not the truth: for stale and hostile counts. */
  readonly claimedEntries?: number;
}

/** The whole log in memory. @throws UsageError for an entry that the reader would refuse. */
export function writeLog(entries: Iterable<NewLogEntry>, options: WriteOptions): Buffer {
  const parts: Uint8Array[] = [];
  const entryCount = emit(entries, options, (part) => parts.push(part));
  return Buffer.concat([superblockFor(entryCount, options), ...parts]);
}

/** The same into a file, one entry in memory at a time. @returns the number of entries. @throws UsageError. */
export function writeLogFile(path: string, entries: Iterable<NewLogEntry>, options: WriteOptions): number {
  const descriptor = openSync(path, 'w');
  try {
    let offsetBytes = options.sectorBytes;
    const entryCount = emit(entries, options, (part) => {
      writeExactly(descriptor, part, offsetBytes);
      offsetBytes += part.length;
    });
    // Last, as in the kernel: until it is there, the file is no log.
    writeExactly(descriptor, superblockFor(entryCount, options), 0);
    return entryCount;
  } finally {
    closeSync(descriptor);
  }
}

function emit(entries: Iterable<NewLogEntry>, options: WriteOptions, put: (part: Uint8Array) => void): number {
  const { sectorBytes } = options;
  if (!isSectorBytes(sectorBytes)) throw new UsageError(`a log cannot have sectors of ${sectorBytes} bytes`);
  let entryCount = 0;
  for (const entry of entries) {
    const { sector = 0, flags } = entry;
    const mark = entry.mark === undefined ? {} : { mark: entry.mark };
    put(encodeEntry({ sector, sectorCount: sectorCountOf(entry, sectorBytes), flags, ...mark }, sectorBytes));
    if (entry.data) put(entry.data);
    entryCount += 1;
  }
  return entryCount;
}

function sectorCountOf(entry: NewLogEntry, sectorBytes: number): number {
  const { data, sectorCount } = entry;
  if (isDiscard(entry.flags)) {
    if (data) throw new UsageError('cannot write this log entry: a discard has no data');
    return sectorCount ?? 0;
  }
  const dataSectors = (data?.length ?? 0) / sectorBytes;
  if (!Number.isInteger(dataSectors)) {
    throw new UsageError(`cannot write this log entry: ${data?.length} bytes are no whole number of log sectors`);
  }
  if (sectorCount !== undefined && sectorCount !== dataSectors) {
    throw new UsageError(
      `cannot write this log entry: it claims ${sectorCount} sectors and has data for ${dataSectors}`,
    );
  }
  return dataSectors;
}

function superblockFor(entryCount: number, options: WriteOptions): Buffer {
  const claimed = options.claimedEntries ?? entryCount;
  return encodeSuperblock({ version: LOG_VERSION, entryCount: claimed, sectorBytes: options.sectorBytes });
}

function writeExactly(descriptor: number, part: Uint8Array, offsetBytes: number): void {
  let doneBytes = 0;
  while (doneBytes < part.length) {
    doneBytes += writeSync(descriptor, part, doneBytes, part.length - doneBytes, offsetBytes + doneBytes);
  }
}
