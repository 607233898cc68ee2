/**
 * A disk that is rolled forward through the log: base image, then entries in log order. Discarded ranges read as zeros,
 * which is one of the contents that a device may return. Where the log's order of two overlapping writes is known to be
 * wrong (see inversion.ts) the settled content is put in place with the plain write that the log lists too late.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import type { LogIndex } from '../dmlog/log-index.ts';
import { dataBytes, dataOffsetBytes } from '../dmlog/log-index.ts';
import { FLAG } from '../dmlog/layout.ts';
import { StepError } from '../errors.ts';
import { copySparse, writeAll, zeroRange } from '../host/sparse.ts';
import type { Extent } from '../host/sys/file.ts';
import type { Corrections } from './inversion.ts';

const CHUNK_BYTES = 1 << 20;

export class RollingImage {
  readonly path: string;
  readonly #index: LogIndex;
  readonly #corrections: Corrections;
  readonly #fd: number;
  readonly #logFd: number;
  readonly #chunk = Buffer.alloc(CHUNK_BYTES);
  readonly #onWrite: ((offsetBytes: number, lengthBytes: number) => void) | undefined;
  #next = 0;

  /**
   * @param path where the image is to be made, from the base image
   * @param onWrite told of every range that changes
   */
  constructor(
    sources: {
      readonly base: string;
      /** Where it holds data, if that is known. */
      readonly baseExtents?: readonly Extent[];
      readonly log: string;
      readonly index: LogIndex;
      readonly corrections: Corrections;
    },
    path: string,
    onWrite?: (offsetBytes: number, lengthBytes: number) => void,
  ) {
    copySparse(sources.base, path, sources.baseExtents);
    this.path = path;
    this.#index = sources.index;
    this.#corrections = sources.corrections;
    this.#onWrite = onWrite;
    this.#fd = openSync(path, 'r+');
    this.#logFd = openSync(sources.log, 'r');
  }

  /** The open image, for reading. */
  get fd(): number {
    return this.#fd;
  }

  /** Applies every entry up to and including this one; undefined leaves the base. @throws when it lies behind us */
  rollTo(entry: number | undefined): void {
    const last = entry ?? -1;
    if (last < this.#next - 1) throw new Error(`cannot roll back from entry ${this.#next - 1} to ${last}`);
    for (; this.#next <= last; this.#next++) this.#apply(this.#next);
  }

  close(): void {
    closeSync(this.#fd);
    closeSync(this.#logFd);
  }

  #apply(entry: number): void {
    const { flags, sectors, sectorCounts, sectorBytes } = this.#index;
    const offset = sectors[entry]! * sectorBytes;
    if (flags[entry]! & FLAG.discard) this.#zero(offset, sectorCounts[entry]! * sectorBytes);
    else this.#copy(dataOffsetBytes(this.#index, entry), offset, dataBytes(this.#index, entry));
    for (const { logOffsetBytes, offsetBytes, lengthBytes } of this.#corrections.get(entry) ?? []) {
      this.#copy(logOffsetBytes, offsetBytes, lengthBytes);
    }
  }

  #copy(from: number, to: number, length: number): void {
    for (let done = 0; done < length;) {
      const part = this.#chunk.subarray(0, Math.min(CHUNK_BYTES, length - done));
      const count = readSync(this.#logFd, part, 0, part.length, from + done);
      if (count === 0) throw new StepError('bad-log', `the log ends at byte ${from + done}, within an entry's data`);
      writeAll(this.#fd, part.subarray(0, count), to + done);
      done += count;
    }
    if (length > 0) this.#onWrite?.(to, length);
  }

  #zero(offsetBytes: number, lengthBytes: number): void {
    zeroRange(this.#fd, this.path, offsetBytes, lengthBytes);
    this.#onWrite?.(offsetBytes, lengthBytes);
  }
}
