import { entryIndex, MIB, type EntryIndex } from '../units.ts';
import { withRoom } from './column.ts';

/**
 * The rule: marks are kept as bytes, twelve per mark plus the text, and become strings only when asked for: a recording
 * may hold millions of acknowledgements, and a string object for each would cost more than the rest of the index.
 *
 * Not covered: what a mark means. Nonces and acknowledgements are the recorder's words.
 */
export interface MarkTable {
  readonly count: number;
  /** Ascending. @param mark 0 to count - 1. @throws RangeError outside. */
  entryAt(mark: number): EntryIndex;
  textAt(mark: number): string;
  /** What the table occupies. */
  readonly occupiedBytes: number;
}

/** All mark text of one log together. Part of the memory budget that log-index.ts adds up. */
export const MARK_TEXT_LIMIT_BYTES: number = 384 * MIB;

export class MarkTableBuilder {
  readonly #markLimit: number;
  #entries = new Uint32Array(0);
  /** Where each text ends; it starts where the one before ends. */
  #ends = new Float64Array(0);
  #text = new Uint8Array(0);
  #count = 0;
  #textBytes = 0;

  /** @param markLimit the most marks that can come. */
  constructor(markLimit: number) {
    this.#markLimit = markLimit;
  }

  /** @returns false when the text no longer fits into the budget; the mark is not added then. */
  add(entry: EntryIndex, mark: string): boolean {
    const text = Buffer.from(mark, 'utf8');
    const textBytes = this.#textBytes + text.length;
    if (textBytes > MARK_TEXT_LIMIT_BYTES) return false;
    this.#text = withRoom(this.#text, textBytes, MARK_TEXT_LIMIT_BYTES);
    this.#entries = withRoom(this.#entries, this.#count + 1, this.#markLimit);
    this.#ends = withRoom(this.#ends, this.#count + 1, this.#markLimit);
    this.#text.set(text, this.#textBytes);
    this.#entries[this.#count] = entry;
    this.#ends[this.#count] = textBytes;
    this.#count += 1;
    this.#textBytes = textBytes;
    return true;
  }

  build(): MarkTable {
    return tableOf(this.#count, this.#entries, this.#ends, Buffer.from(this.#text.buffer));
  }
}

function tableOf(count: number, entries: Uint32Array, ends: Float64Array, text: Buffer): MarkTable {
  const demandMark = (mark: number): void => {
    if (!Number.isInteger(mark) || mark < 0 || mark >= count) throw new RangeError(`no mark ${mark} of ${count}`);
  };
  return {
    count,
    occupiedBytes: entries.byteLength + ends.byteLength + text.byteLength,
    entryAt(mark) {
      demandMark(mark);
      return entryIndex(entries[mark]!);
    },
    textAt(mark) {
      demandMark(mark);
      return text.toString('utf8', mark === 0 ? 0 : ends[mark - 1], ends[mark]);
    },
  };
}
