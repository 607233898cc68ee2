/**
 * What counts as acknowledged in a crash state: every mark that stands in the log before the *next* barrier after the
 * crash point, since the power may go just before that barrier completes. Taking only the marks up to the crash point
 * would miss every store that acknowledges before it syncs.
 */
import { countBelow } from '../ascending.ts';
import type { LogIndex } from '../dmlog/log-index.ts';
import { nextBarrier } from '../dmlog/barrier.ts';
import type { CrashState } from './crash-state.ts';

export type MarkKind = 'ack' | 'ready' | 'event' | 'other';

/** Reads a mark's text. Given from outside, since what marks say is the store contract's business. */
export type MarkReader = (text: string) => { readonly kind: MarkKind; readonly id?: string };

export interface Acknowledgements {
  /** Log entries of the marks, ascending. */
  readonly entries: readonly number[];
  /** The ids, in the order of their marks. */
  readonly ids: readonly string[];
  /** Log entries of all marks that tell what the store was asked or answered, those of acknowledgements among them. */
  readonly events: readonly number[];
  /** Log entry of the mark that says the store's own set-up is durable. */
  readonly readyEntry: number | undefined;
}

export function readAcknowledgements(index: LogIndex, readMark: MarkReader): Acknowledgements {
  const entries: number[] = [];
  const ids: string[] = [];
  const events: number[] = [];
  let readyEntry: number | undefined;
  for (let i = 0; i < index.marks.count; i++) {
    const mark = readMark(index.marks.textAt(i));
    if (mark.kind === 'ready') readyEntry ??= index.marks.entryAt(i);
    if (mark.kind === 'ack' || mark.kind === 'event') events.push(index.marks.entryAt(i));
    if (mark.kind !== 'ack') continue;
    entries.push(index.marks.entryAt(i));
    ids.push(mark.id ?? '');
  }
  return { entries, ids, events, readyEntry };
}

/**
 * The entry that ends the window of marks which count for this state. What was acknowledged behind a lying flush is gone
 * by the disk's fault and is not asked for.
 */
export function windowEnd(index: LogIndex, state: CrashState): number {
  return state.lyingFrom ?? crashEnd(index, state);
}

/**
 * The entry before which the power went at the latest. Behind a lying flush the store went on up to here: FUA writes and
 * survivors from there are on the disk, so that what is not asked for may be there.
 */
export function crashEnd(index: LogIndex, { crashPoint }: CrashState): number {
  return nextBarrier(index, crashPoint ?? -1);
}

/** How many acknowledgements, from the first, count for this state. */
export function acknowledgedCount(index: LogIndex, acknowledgements: Acknowledgements, state: CrashState): number {
  return countBelow(acknowledgements.entries, windowEnd(index, state));
}

/** How many events, from the first, had been told by this state's crash: at equal counts, what may be there is equal too. */
export function eventCount(index: LogIndex, { events }: Acknowledgements, state: CrashState): number {
  return countBelow(events, windowEnd(index, state));
}

/** Whether the store had promised that its set-up is durable. A workload that never says `ready` is held from the start. */
export function isReady(index: LogIndex, acknowledgements: Acknowledgements, state: CrashState): boolean {
  const { readyEntry } = acknowledgements;
  return readyEntry === undefined || readyEntry < windowEnd(index, state);
}
