import type { LogIndex } from './log-index.ts';

/**
 * The rule: the ranges of FUA writes, searchable by overlap, growing in log order. A balanced tree that lies in arrays:
 * the ranges are sorted by start, the root of a stretch is its middle, and each root knows the largest end among the
 * ranges below it that were added so far. So a search visits only branches that hold a hit.
 *
 * Not covered: removal. One epoch, one tree.
 */
export class FuaRanges {
  readonly #index: LogIndex;
  /** The FUA entries sorted by start sector, then by entry. */
  readonly #sorted: Uint32Array;
  /** Largest end sector of the added ranges in the stretch whose middle this is; -1 for none. */
  readonly #largestEnds: Float64Array;
  #lastAdded = -1;

  /** @param fuas the entries that will be added. The array is taken over and sorted. */
  constructor(index: LogIndex, fuas: Uint32Array) {
    this.#index = index;
    this.#sorted = fuas.sort((left, right) => this.#compare(left, right));
    this.#largestEnds = new Float64Array(fuas.length).fill(-1);
  }

  /** One of the entries that the constructor was told of, in log order. */
  add(fua: number): void {
    this.#lastAdded = fua;
    const end = this.#endOf(fua);
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      this.#largestEnds[middle] = Math.max(this.#largestEnds[middle]!, end);
      const order = this.#compare(fua, this.#sorted[middle]!);
      if (order === 0) return;
      if (order < 0) high = middle;
      else low = middle + 1;
    }
  }

  /** Calls `visit` for each added FUA write that shares a sector with `entry`, by start sector. */
  forEachOverlap(entry: number, visit: (fua: number) => void): void {
    const start = this.#index.sectors[entry]!;
    this.#search(0, this.#sorted.length, start, start + this.#index.sectorCounts[entry]!, visit);
  }

  /** Recursion as deep as the tree: at most 32. */
  #search(low: number, high: number, start: number, end: number, visit: (fua: number) => void): void {
    if (low >= high) return;
    const middle = (low + high) >>> 1;
    if (this.#largestEnds[middle]! <= start) return;
    this.#search(low, middle, start, end, visit);
    const fua = this.#sorted[middle]!;
    if (this.#index.sectors[fua]! >= end) return;
    if (fua <= this.#lastAdded && this.#endOf(fua) > start) visit(fua);
    this.#search(middle + 1, high, start, end, visit);
  }

  #compare(left: number, right: number): number {
    return this.#index.sectors[left]! - this.#index.sectors[right]! || left - right;
  }

  #endOf(entry: number): number {
    return this.#index.sectors[entry]! + this.#index.sectorCounts[entry]!;
  }
}
