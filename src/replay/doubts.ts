/** Crash points `first` up to but not including `end` hold a block whose content is unknown. */
export interface Doubt {
  readonly first: number;
  readonly end: number;
}

/** Which sector it is. */
export interface SectorDoubt extends Doubt {
  readonly sector: number;
}

/** Doubts in order and apart: a crash point lies in one of them at most. */
export type Doubts = readonly Doubt[];

/** Puts doubts in order and makes one of those that touch: there may be one for each block of a large log. */
export function mergeDoubts(doubts: readonly Doubt[]): Doubts {
  const merged: { first: number; end: number }[] = [];
  for (const { first, end } of [...doubts].sort((a, b) => a.first - b.first)) {
    const last = merged.at(-1);
    if (last && first <= last.end) last.end = Math.max(last.end, end);
    else merged.push({ first, end });
  }
  return merged;
}

/** Whether the state at a crash point (undefined for the base image) holds a block of unknown content. */
export function isDoubtfulAt(doubts: Doubts, crashPoint: number | undefined): boolean {
  if (crashPoint === undefined) return false;
  let low = 0;
  for (let high = doubts.length; low < high;) {
    const middle = (low + high) >>> 1;
    if (doubts[middle]!.end > crashPoint) high = middle;
    else low = middle + 1;
  }
  return low < doubts.length && doubts[low]!.first <= crashPoint;
}
