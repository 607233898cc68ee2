import { closeSync, fsyncSync, openSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from './fault.ts';
import { recover } from './recover.ts';
import { segmentFile, syncDirectory, TEMPORARY_SUFFIX, writeWhole } from './segment-file.ts';
import { applyRecord, encodeRecord, type StoredRecord } from './stored-record.ts';
import { encodeText } from './text-record.ts';

/** Small, so that a few dozen puts already fill several segments. */
export const SEGMENT_BYTES_MAX = 8192;

export interface StoreOptions {
  readonly fault?: Fault | undefined;
  /** Called between a write and its fsync: the moment at which other programs' fsyncs find the write half done. */
  readonly beforeSync?: () => void;
}

interface OpenSegment {
  readonly number: number;
  readonly fd: number;
  lengthBytes: number;
}

/**
 * An append-only key-value store. `put` and `delete` return once the record survives a power cut, because it
 *  - appends a record with length and checksum, then calls fsync on the segment; or, when the segment is full,
 *  - writes the record to a new file under a temporary name, fsyncs it, renames it to the next segment's name, and
 *    fsyncs the directory, since a name is durable only when its directory is.
 */
export class AppendLogStore {
  readonly #directory: string;
  readonly #fault: Fault | undefined;
  readonly #beforeSync: () => void;
  readonly #values = new Map<string, string>();
  #sequence = 0;
  #segment: OpenSegment | undefined;
  #unsyncedFd: number | undefined;

  /** @throws Error when the store is damaged, other than by a power cut in a put */
  constructor(directory: string, options: StoreOptions = {}) {
    const { records, last, damage } = recover(directory);
    if (damage !== undefined) throw new Error(`${directory} is damaged (${damage.class}): ${damage.detail}`);
    this.#directory = directory;
    this.#fault = options.fault;
    this.#beforeSync = options.beforeSync ?? (() => undefined);
    for (const record of records) applyRecord(this.#values, record);
    this.#sequence = records.length;
    if (last) {
      const fd = openSync(join(directory, last.name), 'a');
      this.#segment = { number: last.number, fd, lengthBytes: last.lengthBytes };
    }
  }

  get size(): number {
    return this.#sequence;
  }

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  put(key: string, value: string): void {
    this.#write({ sequence: this.#sequence + 1, key, value });
  }

  delete(key: string): void {
    this.#write({ sequence: this.#sequence + 1, key, value: '', deleted: true });
  }

  #write(record: StoredRecord): void {
    this.#syncEarlierPut();
    const encode = this.#fault === 'text-records' ? encodeText : encodeRecord;
    const bytes = encode(record);
    const segment = this.#segment;
    if (segment && segment.lengthBytes + bytes.length <= SEGMENT_BYTES_MAX) this.#append(segment, bytes);
    else this.#startSegment(bytes);
    this.#sequence += 1;
    applyRecord(this.#values, record);
  }

  #append(segment: OpenSegment, bytes: Buffer): void {
    writeWhole(segment.fd, bytes);
    segment.lengthBytes += bytes.length;
    this.#beforeSync();
    // FAULT ack-before-fsync: "the kernel has it, the background thread will sync it".
    if (this.#fault === 'ack-before-fsync') this.#unsyncedFd = segment.fd;
    else fsyncSync(segment.fd);
  }

  /** A segment is born with the first record that no longer fits into the one before it. */
  #startSegment(firstRecord: Buffer): void {
    const number = (this.#segment?.number ?? 0) + 1;
    const path = join(this.#directory, segmentFile(number, this.#fault === 'text-records').name);
    const temporary = path + TEMPORARY_SUFFIX;
    const fd = openSync(temporary, 'ax');
    writeWhole(fd, firstRecord);
    this.#beforeSync();
    // FAULT rename-without-fsync: "rename is atomic".
    if (this.#fault !== 'rename-without-fsync') fsyncSync(fd);
    renameSync(temporary, path);
    // FAULT rotate-without-dirsync: "the file is synced, its name will be too".
    if (this.#fault !== 'rotate-without-dirsync') syncDirectory(this.#directory);
    if (this.#segment) closeSync(this.#segment.fd);
    this.#segment = { number, fd, lengthBytes: firstRecord.length };
  }

  /** Stands in for the background thread of the fault `ack-before-fsync`; the sound store never has anything to do. */
  #syncEarlierPut(): void {
    if (this.#unsyncedFd !== undefined) fsyncSync(this.#unsyncedFd);
    this.#unsyncedFd = undefined;
  }
}
