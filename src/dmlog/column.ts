/**
 * The rule: a column of the index grows by doubling up to a limit that the source's size justifies, so memory follows
 * what was really read and never what a superblock claims. While it grows, old and new exist together: that is the only
 * scratch, and columns grow one after the other.
 *
 * Not covered: shrinking. A column that stays below its capacity keeps it.
 */
export type ColumnArray = Float64Array | Uint32Array | Uint8Array;

const FIRST_CAPACITY = 1024;

/** The array itself when it has room for `length` values, else a larger copy of at most `limit` values. */
export function withRoom<T extends ColumnArray>(array: T, length: number, limit: number): T {
  if (length <= array.length) return array;
  const capacity = Math.min(limit, Math.max(length, 2 * array.length, FIRST_CAPACITY));
  const Larger = array.constructor as new (length: number) => T;
  const larger = new Larger(capacity);
  larger.set(array);
  return larger;
}
