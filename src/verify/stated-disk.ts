/** What the id of a crash state says of each write of a log, and which barriers it takes for done. */
import type { LoggedEntry, ReadLog } from './log.ts';
import type { StatedState } from './state-text.ts';

/** Marks: from the first one to the second, writes failed. */
const FAILING = 'io-error:start';
const RECOVERED = 'io-error:end';

/** Parts that are there, in sectors; none: all of it. */
export type Parts = readonly (readonly [number, number])[];

export class StatedDisk {
  readonly log: ReadLog;
  readonly state: StatedState;
  /** The first barrier that had not completed; the entry count when the log ends before one. */
  readonly cut: number;
  /** The last flush that was done and did what it said; -1: none. */
  readonly honest: number;
  /** The last flush that lied; -1: none. */
  readonly lied: number;
  /** The first flush that was not done; undefined: none. */
  readonly coming: number | undefined;

  /** The mark behind which writes had failed, when the state holds or counts anything younger; undefined: it does not. */
  readonly ioError: number | undefined;

  constructor(log: ReadLog, state: StatedState) {
    [this.log, this.state] = [log, state];
    this.cut = this.#openBarrier();
    this.honest = this.#lastFlushBefore(state.lie ?? this.cut);
    this.lied = state.lie === undefined ? -1 : this.#lastFlushBefore(this.cut);
    const coming = log.entries.findIndex(({ flushes }, entry) => entry >= this.cut && flushes);
    this.coming = coming === -1 ? undefined : coming;
    this.ioError = this.#ioError();
  }

  at(entry: number): LoggedEntry {
    return this.log.entries[entry]!;
  }

  /** undefined: the write is not there. */
  partsOf(entry: number): Parts | undefined {
    const isDone = entry <= this.state.point && !this.isLiedTo(entry) && !this.state.kept.has(entry);
    return this.state.survivors.get(entry) ?? (isDone ? [] : undefined);
  }

  /** Whether a flush that should have brought this write to the disk lied. */
  isLiedTo(entry: number): boolean {
    // Of a flush with data the flush comes first, so that its own write is not covered by it.
    return this.lied !== -1 && this.honest <= entry && entry < this.lied && !this.at(entry).fua;
  }

  /** Whether a flush at this entry, behind the crash point, can be done: then nothing before it is missing. */
  isWholeBefore(entry: number): boolean {
    if (this.state.lie !== undefined) return false;
    for (let at = this.state.point + 1; at < entry; at++) {
      if (this.at(at).sectors > 0 && this.state.survivors.get(at)?.length !== 0) return false;
    }
    return true;
  }

  #ioError(): number | undefined {
    const { entries } = this.log;
    const start = entries.findIndex(({ mark }) => mark === FAILING);
    if (start === -1) return undefined;
    const isWord = (mark: string | undefined): boolean => mark !== undefined && mark !== FAILING && mark !== RECOVERED;
    const marks = entries.slice(start + 1, Math.min(this.state.lie ?? this.cut, this.cut));
    const isYounger =
      this.state.point > start || this.#lastSurvivor() > start || marks.some(({ mark }) => isWord(mark));
    return isYounger ? start : undefined;
  }

  #openBarrier(): number {
    const next = this.#barrierBehind(this.state.point);
    if (this.#lastSurvivor() < next || next >= this.log.entries.length) return next;
    const { fua, sectors } = this.at(next);
    return !fua && sectors > 0 && this.isWholeBefore(next) ? this.#barrierBehind(next) : next;
  }

  #barrierBehind(entry: number): number {
    let at = entry + 1;
    while (at < this.log.entries.length && !this.at(at).flushes && !(this.at(at).fua && this.at(at).sectors > 0)) at++;
    return at;
  }

  #lastFlushBefore(end: number): number {
    let at = end - 1;
    while (at >= 0 && !this.at(at).flushes) at--;
    return at;
  }

  #lastSurvivor(): number {
    let last = -1;
    for (const entry of this.state.survivors.keys()) last = Math.max(last, entry);
    return last;
  }
}
