/**
 * The rule: a crash state assumes `io-error` when anything in it is younger than the first failed write of the recording:
 * a write that it holds, or a mark that counts for it. Writes that failed stand in no log, so a log alone does not say
 * that there were any: the recorder's mark does. A state that holds and counts nothing younger is one of a device without
 * errors, for which the power went just before them.
 *
 * Not covered: what a failed write left. Here it left what was there before; a disk may have written part of it.
 */
import type { LogIndex } from '../dmlog/log-index.ts';
import type { CrashState } from './crash-state.ts';
import { openBarrier } from './legal-state.ts';

/** Marks of the recorder, in the order of the log: between them writes and flushes failed. */
export const IO_ERROR_START = 'io-error:start';
export const IO_ERROR_END = 'io-error:end';

/** Log entries. */
interface Window {
  /** Its start mark. */
  readonly start: number;
  /** The first mark behind it that is not one of its own; the entry count when there is none. */
  readonly nextMark: number;
}

const windows = new WeakMap<LogIndex, Window | 'none'>();

/** @returns the entry of the mark behind which this state holds or counts something; undefined when there is no such thing */
export function ioErrorBefore(index: LogIndex, state: CrashState): number | undefined {
  const window = windowOf(index);
  if (window === 'none') return undefined;
  const { start, nextMark } = window;
  const holds = Math.max(state.crashPoint ?? -1, state.survivors?.at(-1)?.entry ?? -1) > start;
  const counts = nextMark < (state.lyingFrom ?? openBarrier(index, state));
  return holds || counts ? start : undefined;
}

/** Looked for once: a log may have a million marks, and it is asked for every state. */
function windowOf(index: LogIndex): Window | 'none' {
  const known = windows.get(index) ?? findWindow(index);
  windows.set(index, known);
  return known;
}

function findWindow({ marks, entryCount }: LogIndex): Window | 'none' {
  let start: number | undefined;
  for (let i = 0; i < marks.count; i++) {
    const text = marks.textAt(i);
    if (text === IO_ERROR_START) start ??= marks.entryAt(i);
    else if (start !== undefined && text !== IO_ERROR_END) return { start, nextMark: marks.entryAt(i) };
  }
  return start === undefined ? 'none' : { start, nextMark: entryCount };
}
