import type { Extent } from '../host/sys/file.ts';
import type { TracedRanges } from './tracer.ts';

/** Gathers ranges in any order and gives them back sorted and merged. */
export class RangeCollector {
  readonly #extents: { offsetBytes: number; lengthBytes: number }[] = [];
  #requestedBytes = 0;

  add(offsetBytes: number, lengthBytes: number): void {
    this.#requestedBytes += lengthBytes;
    const last = this.#extents.at(-1);
    // Recovery reads its journal front to back: hundreds of requests that are one range.
    if (last && last.offsetBytes + last.lengthBytes === offsetBytes) last.lengthBytes += lengthBytes;
    else this.#extents.push({ offsetBytes, lengthBytes });
  }

  ranges(): TracedRanges {
    return { extents: mergeExtents(this.#extents), requestedBytes: this.#requestedBytes };
  }
}

/** Both together; undefined when either is: then nobody knows the whole. */
export function addRanges(some: TracedRanges | undefined, more: TracedRanges | undefined): TracedRanges | undefined {
  if (some === undefined || more === undefined) return undefined;
  return {
    extents: mergeExtents([...some.extents, ...more.extents]),
    requestedBytes: some.requestedBytes + more.requestedBytes,
  };
}

/** Sorted; those that overlap or touch become one. Empty ones are left out. */
export function mergeExtents(extents: readonly Extent[]): Extent[] {
  const merged: { offsetBytes: number; lengthBytes: number }[] = [];
  for (const { offsetBytes, lengthBytes } of extents.toSorted((a, b) => a.offsetBytes - b.offsetBytes)) {
    if (lengthBytes === 0) continue;
    const last = merged.at(-1);
    const lastEnd = last ? last.offsetBytes + last.lengthBytes : -1;
    if (last && offsetBytes <= lastEnd)
      last.lengthBytes = Math.max(lastEnd, offsetBytes + lengthBytes) - last.offsetBytes;
    else merged.push({ offsetBytes, lengthBytes });
  }
  return merged;
}
