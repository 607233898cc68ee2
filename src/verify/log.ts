/**
 * Reads a write log as the format says it is (Linux drivers/md/dm-log-writes.c, version 1), with nothing shared with the
 * reader that plans: an error of understanding in one of the two then shows as a certificate that is refused.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { StepError, UsageError } from '../errors.ts';

/** A write, a discard, a flush or a mark, as the checker's rules see it. */
export interface LoggedEntry {
  /** Everything written before it is on the disk when it is done. */
  readonly flushes: boolean;
  /** Its own data is on the disk when it is done. */
  readonly fua: boolean;
  readonly discard: boolean;
  /** Where on the device, in log sectors. */
  readonly sector: number;
  /** 0: nothing is written. */
  readonly sectors: number;
  /** Text of a mark. */
  readonly mark: string | undefined;
}

export interface ReadLog {
  readonly sha256: string;
  readonly sectorBytes: number;
  readonly entries: readonly LoggedEntry[];
}

const MAGIC = 0x006a736677736872n;
const CHUNK_BYTES = 1 << 20;
const [FLUSH, FUA, DISCARD, MARK] = [1n, 2n, 4n, 8n];
const KNOWN_FLAGS = 31n;

/** @throws UsageError when the file cannot be read; StepError `bad-log` when it is no log */
export function readLog(path: string): ReadLog {
  const file = openLog(path);
  try {
    const size = fstatSync(file).size;
    const head = readAt(file, path, 0, 28, size);
    if (head.readBigUInt64LE(0) !== MAGIC) throw badLog(path, 'it does not begin as a log of dm-log-writes does');
    if (head.readBigUInt64LE(8) !== 1n) throw badLog(path, `its version is ${head.readBigUInt64LE(8)}, not 1`);
    const sectorBytes = head.readUInt32LE(24);
    if (sectorBytes < 512 || (sectorBytes & (sectorBytes - 1)) !== 0) {
      throw badLog(path, `its sectors cannot have ${sectorBytes} bytes`);
    }
    const entries: LoggedEntry[] = [];
    let at = sectorBytes;
    for (let left = head.readBigUInt64LE(16); left > 0n; left--) {
      const header = readAt(file, path, at, 32, size);
      const flags = header.readBigUInt64LE(16);
      if ((flags & ~KNOWN_FLAGS) !== 0n) throw badLog(path, `entry ${entries.length} has the flags ${flags}`);
      const markBytes = (flags & MARK) !== 0n ? Number(header.readBigUInt64LE(24)) : 0;
      if (markBytes > sectorBytes - 32) throw badLog(path, `entry ${entries.length} has a mark of ${markBytes} bytes`);
      const text = (flags & MARK) !== 0n ? readAt(file, path, at + 32, markBytes, size).toString() : undefined;
      const entry = entryOf(header, flags, text);
      at += sectorBytes + (entry.discard ? 0 : entry.sectors * sectorBytes);
      if (!(at <= size)) throw badLog(path, `it ends within entry ${entries.length}`);
      entries.push(entry);
    }
    return { sha256: hashOf(file), sectorBytes, entries };
  } finally {
    closeSync(file);
  }
}

const entryOf = (header: Buffer, flags: bigint, mark: string | undefined): LoggedEntry => ({
  flushes: (flags & FLUSH) !== 0n,
  fua: (flags & FUA) !== 0n,
  discard: (flags & DISCARD) !== 0n,
  sector: Number(header.readBigUInt64LE(0)),
  sectors: mark !== undefined ? 0 : Number(header.readBigUInt64LE(8)),
  mark,
});

function openLog(path: string): number {
  try {
    const file = openSync(path, 'r');
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
  } catch (error) {
    throw new UsageError(`${path}: no log can be read there`, { cause: error });
  }
  throw new UsageError(`${path} is no file: give the log of a recording, or its folder`);
}

function readAt(file: number, path: string, at: number, length: number, size: number): Buffer {
  if (at + length > size) throw badLog(path, `it ends at byte ${size}, before all its entries`);
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length;) done += readSync(file, bytes, done, length - done, at + done);
  return bytes;
}

function hashOf(file: number): string {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let at = 0;
  for (let count = readSync(file, chunk, 0, CHUNK_BYTES, at); count > 0;) {
    hash.update(chunk.subarray(0, count));
    at += count;
    count = readSync(file, chunk, 0, CHUNK_BYTES, at);
  }
  return hash.digest('hex');
}

const badLog = (path: string, why: string): StepError => new StepError('bad-log', `write log ${path}: ${why}`);
