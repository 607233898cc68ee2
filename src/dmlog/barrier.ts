import { isFlush, isFlushWithData, isFuaWrite } from './entry-role.ts';
import type { LogIndex } from './log-index.ts';

/**
 * The rule: at a FLUSH, and at a FUA write, everything logged up to it is the least that must have survived; those are
 * the crash points. A FLUSH that carries data (foreign logs only) vouches for what stands before it, and for its own
 * data only with FUA. The empty FLUSH|FUA|METADATA of a file system's commit is a flush and nothing more.
 *
 * Not covered: equal states. Barriers with nothing between them are all listed; who builds the states removes doubles.
 */
export function crashPoints(index: LogIndex): Uint32Array {
  const points = new PointList(index.entryCount);
  for (let entry = 0; entry < index.entryCount; entry += 1) {
    const flags = index.flags[entry]!;
    const sectorCount = index.sectorCounts[entry]!;
    if (isFlushWithData(flags, sectorCount) && entry > 0) points.add(entry - 1);
    if (isFuaWrite(flags, sectorCount) || (isFlush(flags) && sectorCount === 0)) points.add(entry);
  }
  return points.toArray();
}

/**
 * The first entry behind `afterEntry` that is a flush of any kind or a FUA write; `entryCount` when there is none.
 * Marks before it count as acknowledged in the state at `afterEntry`: the power may go just before it completes.
 *
 * @param afterEntry -1 (the whole log) to entryCount - 1.
 */
export function nextBarrier(index: LogIndex, afterEntry: number): number {
  const barriers = barriersOf(index);
  let low = 0;
  let high = barriers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (barriers[middle]! > afterEntry) high = middle;
    else low = middle + 1;
  }
  return barriers[low] ?? index.entryCount;
}

/** Kept per index and not in it: four bytes a barrier that only some callers need. Gone together with the index. */
const barrierCache = new WeakMap<LogIndex, Uint32Array>();

function barriersOf(index: LogIndex): Uint32Array {
  const known = barrierCache.get(index);
  if (known) return known;
  const barriers = findBarriers(index);
  barrierCache.set(index, barriers);
  return barriers;
}

function findBarriers(index: LogIndex): Uint32Array {
  const barriers = new PointList(index.entryCount);
  for (let entry = 0; entry < index.entryCount; entry += 1) {
    const flags = index.flags[entry]!;
    if (isFlush(flags) || isFuaWrite(flags, index.sectorCounts[entry]!)) barriers.add(entry);
  }
  return barriers.toArray();
}

/** Entry numbers that come in ascending order; one that comes twice is kept once. */
class PointList {
  readonly #points: Uint32Array;
  #count = 0;

  constructor(limit: number) {
    this.#points = new Uint32Array(limit);
  }

  add(entry: number): void {
    if (this.#count > 0 && this.#points[this.#count - 1] === entry) return;
    this.#points[this.#count] = entry;
    this.#count += 1;
  }

  toArray(): Uint32Array {
    return this.#points.slice(0, this.#count);
  }
}
