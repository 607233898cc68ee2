/**
 * Which bytes ought to be where on the disk after any number of log entries: an overlay over the base image that points
 * into the log and holds no content. It is a table of pages with one slot for each log sector of the disk, filled only
 * where the log wrote. So rolling forward and looking up cost the same whatever the image's and the log's size, and what
 * a crash state left on a scratch image can be put right from here.
 *
 * Order and meaning of entries are those of RollingImage: log order, discards read as zeros, settled inversions put in
 * place with the entry that they are listed under.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { StepError } from '../errors.ts';
import { FLAG } from '../dmlog/layout.ts';
import { dataBytes, dataOffsetBytes, type LogIndex } from '../dmlog/log-index.ts';
import { dataExtents, type Extent } from '../host/sys/file.ts';
import type { Corrections } from './inversion.ts';

/** Slot values; any other is the byte of the log where the sector's content starts, which is never 0. */
const BASE = 0;
const ZEROS = -1;

const PAGE_SLOTS = 1024;
/** A discard may cover the whole disk: pages that are nothing but zeros are this one. Copied before it is written. */
const ZERO_PAGE = new Float64Array(PAGE_SLOTS).fill(ZEROS);

export interface ReplaySources {
  readonly base: string;
  /** Where the base image holds data, from somebody who can see its holes; else they are asked for here. */
  readonly baseExtents?: readonly Extent[];
  readonly log: string;
  readonly index: LogIndex;
  readonly corrections: Corrections;
}

export class ContentMap {
  readonly #index: LogIndex;
  readonly #corrections: Corrections;
  readonly #slotBytes: number;
  readonly #pages = new Map<number, Float64Array>();
  readonly #log: { readonly path: string; readonly fd: number };
  readonly #base: { readonly fd: number; readonly extents: readonly Extent[] };
  #next = 0;

  constructor({ base, baseExtents, log, index, corrections }: ReplaySources) {
    this.#index = index;
    this.#corrections = corrections;
    this.#slotBytes = index.sectorBytes;
    const fd = openSync(base, 'r');
    this.#base = { fd, extents: baseExtents ?? [...dataExtents(fd, base)] };
    this.#log = { path: log, fd: openSync(log, 'r') };
  }

  /**
   * Applies every entry up to and including this one; undefined leaves the base.
   * @returns the ranges that were written or discarded on the way, in log order, some perhaps several times
   * @throws when the entry lies behind us
   */
  rollTo(entry: number | undefined): Extent[] {
    const last = entry ?? -1;
    if (last < this.#next - 1) throw new Error(`cannot roll back from entry ${this.#next - 1} to ${last}`);
    const changed: Extent[] = [];
    for (; this.#next <= last; this.#next++) this.#apply(this.#next, changed);
    return changed;
  }

  /** Fills `target` with what ought to be on the disk from `offsetBytes` on. Behind the base image's end are zeros. */
  read(target: Buffer, offsetBytes: number): void {
    for (let done = 0; done < target.length;) {
      const at = offsetBytes + done;
      const run = this.#runAt(at, target.length - done);
      const part = target.subarray(done, done + run.lengthBytes);
      if (run.slot === ZEROS) part.fill(0);
      else if (run.slot === BASE) part.fill(0, readFully(this.#base.fd, part, at));
      else this.readLog(part, run.slot);
      done += run.lengthBytes;
    }
  }

  /** Fills `part` with content of the log. @throws StepError `bad-log` where the log ends */
  readLog(part: Buffer, logOffsetBytes: number): void {
    const count = readFully(this.#log.fd, part, logOffsetBytes);
    if (count === part.length) return;
    throw new StepError('bad-log', `${this.#log.path} ends at byte ${logOffsetBytes + count}, within an entry's data`);
  }

  /** How many entries have been applied. */
  get position(): number {
    return this.#next;
  }

  /** Ranges outside of which the disk holds zeros; they may overlap and hold zeros too. */
  *extents(): Generator<Extent> {
    yield* this.#base.extents;
    const lengthBytes = PAGE_SLOTS * this.#slotBytes;
    for (const [page, slots] of this.#pages) {
      if (slots !== ZERO_PAGE) yield { offsetBytes: page * lengthBytes, lengthBytes };
    }
  }

  close(): void {
    closeSync(this.#base.fd);
    closeSync(this.#log.fd);
  }

  #apply(entry: number, changed: Extent[]): void {
    const { flags, sectors, sectorCounts, sectorBytes } = this.#index;
    const first = sectors[entry]!;
    if (flags[entry]! & FLAG.discard) {
      this.#discard(first, first + sectorCounts[entry]!);
      changed.push({ offsetBytes: first * sectorBytes, lengthBytes: sectorCounts[entry]! * sectorBytes });
    } else {
      this.#point(first * sectorBytes, dataBytes(this.#index, entry), dataOffsetBytes(this.#index, entry), changed);
    }
    for (const { logOffsetBytes, offsetBytes, lengthBytes } of this.#corrections.get(entry) ?? []) {
      this.#point(offsetBytes, lengthBytes, logOffsetBytes, changed);
    }
  }

  #point(offsetBytes: number, lengthBytes: number, logOffsetBytes: number, changed: Extent[]): void {
    const first = offsetBytes / this.#slotBytes;
    const count = lengthBytes / this.#slotBytes;
    for (let i = 0; i < count; i++) this.#set(first + i, logOffsetBytes + i * this.#slotBytes);
    if (count > 0) changed.push({ offsetBytes, lengthBytes });
  }

  #discard(first: number, end: number): void {
    for (let slot = first; slot < end;) {
      const whole = slot % PAGE_SLOTS === 0 && slot + PAGE_SLOTS <= end;
      if (whole) this.#pages.set(slot / PAGE_SLOTS, ZERO_PAGE);
      else this.#set(slot, ZEROS);
      slot += whole ? PAGE_SLOTS : 1;
    }
  }

  #set(slot: number, value: number): void {
    const number = Math.floor(slot / PAGE_SLOTS);
    let page = this.#pages.get(number);
    if (page === undefined || page === ZERO_PAGE) {
      page = page ? page.slice() : new Float64Array(PAGE_SLOTS);
      this.#pages.set(number, page);
    }
    page[slot % PAGE_SLOTS] = value;
  }

  #get(slot: number): number {
    return this.#pages.get(Math.floor(slot / PAGE_SLOTS))?.[slot % PAGE_SLOTS] ?? BASE;
  }

  /** How far one source reaches without a break, and where in the log it starts if it is the log. */
  #runAt(offsetBytes: number, limitBytes: number): { slot: number; lengthBytes: number } {
    const first = Math.floor(offsetBytes / this.#slotBytes);
    const within = offsetBytes - first * this.#slotBytes;
    const start = this.#get(first);
    const step = start === BASE || start === ZEROS ? 0 : this.#slotBytes;
    let slots = 1;
    while (slots * this.#slotBytes - within < limitBytes && this.#get(first + slots) === start + slots * step) slots++;
    return {
      slot: step === 0 ? start : start + within,
      lengthBytes: Math.min(slots * this.#slotBytes - within, limitBytes),
    };
  }
}

/** @returns fewer bytes than asked for only where the file ends */
function readFully(fd: number, part: Buffer, offsetBytes: number): number {
  let done = 0;
  while (done < part.length) {
    const count = readSync(fd, part, done, part.length - done, offsetBytes + done);
    if (count === 0) break;
    done += count;
  }
  return done;
}
