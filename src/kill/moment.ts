/**
 * When to kill: so many lines of the contract (`ready`, `ack`, a history's) have been read from the writers, and then so much
 * time has passed. Lines and not time alone, so that the same moment comes back on a slower or busier machine.
 */
import { UsageError } from '../errors.ts';
import { randomNumbers, trialSeed } from './random.ts';

export interface KillMoment {
  /** Of all writers together; 0 is their start. */
  readonly lines: number;
  /** Milliseconds after the last of these was read. */
  readonly delayMs: number;
}

/** How long the workload is, from a run that nothing disturbed. */
export interface Measured {
  readonly lines: number;
  /** After so many lines every writer was ready; 0 when none of them says so. */
  readonly readyLine: number;
  /** When every `stride`-th line was read, milliseconds after the start; first the start itself, last the end. */
  readonly timesMs: readonly number[];
  readonly stride: number;
}

const TIMES_MAX = 10_000;
/** A little further than to the next line: what comes right after a line must not be left out. */
const BEYOND = 1.25;

/** @param timesMs of every line, in order @param endMs when the last writer had ended */
export function measure(timesMs: readonly number[], endMs: number, readyLine: number): Measured {
  const stride = Math.max(1, Math.ceil(timesMs.length / TIMES_MAX));
  const kept = timesMs.filter((_, index) => (index + 1) % stride === 0);
  const rounded = [0, ...kept, endMs].map((timeMs) => Math.round(timeMs * 1000) / 1000);
  return { lines: timesMs.length, readyLine, timesMs: rounded, stride };
}

/**
 * A trial's moment. Every other trial draws it from the lines and every other from the time: what is dense (operations) and
 * what is long (a checkpoint, a start) are both hit.
 * @param fromStart also before every writer was ready
 */
export function drawMoment(measured: Measured, seed: number, trial: number, fromStart: boolean): KillMoment {
  const random = randomNumbers(trialSeed(seed, trial));
  const first = fromStart ? 0 : measured.readyLine;
  if (trial % 2 === 0) {
    const lines = first + Math.floor(random() * (measured.lines - first + 1));
    return { lines, delayMs: rounded(random() * BEYOND * gapAfter(measured, lines)) };
  }
  const startMs = timeOf(measured, first);
  const timeMs = startMs + random() * (measured.timesMs.at(-1)! - startMs);
  const lines = Math.max(first, lineAt(measured, timeMs));
  return { lines, delayMs: rounded(Math.max(0, timeMs - timeOf(measured, lines))) };
}

/** `37+1.25ms`. */
export function formatMoment({ lines, delayMs }: KillMoment): string {
  return `${lines}+${delayMs}ms`;
}

/** @throws UsageError */
export function parseMoment(text: string): KillMoment {
  const match = /^(\d+)(?:\+(\d+(?:\.\d+)?)ms)?$/.exec(text);
  if (!match)
    throw new UsageError(`--at ${text} is no moment: expected lines and milliseconds, such as 37 or 37+1.25ms`);
  return { lines: Number(match[1]), delayMs: Number(match[2] ?? 0) };
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

/** When a line was read; between those whose time was kept, in proportion. */
function timeOf({ timesMs, stride, lines }: Measured, line: number): number {
  if (line >= lines && lines % stride === 0) return timesMs.at(-2)!;
  const index = Math.min(Math.floor(line / stride), timesMs.length - 2);
  const part = Math.min(1, (line - index * stride) / stride);
  return timesMs[index]! + (line % stride === 0 ? 0 : part * (timesMs[index + 1]! - timesMs[index]!));
}

function gapAfter(measured: Measured, line: number): number {
  const endMs = measured.timesMs.at(-1)!;
  const nextMs = line >= measured.lines ? endMs : timeOf(measured, line + 1);
  return Math.max(0, nextMs - timeOf(measured, line));
}

/** The last line that had been read by then. */
function lineAt(measured: Measured, timeMs: number): number {
  let low = 0;
  for (let high = measured.lines; low < high;) {
    const middle = (low + high + 1) >>> 1;
    if (timeOf(measured, middle) <= timeMs) low = middle;
    else high = middle - 1;
  }
  return low;
}
