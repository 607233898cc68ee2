import type { Operation } from '../../stores/history.ts';
import { readAppended } from './appended-rule.ts';
import { strangeValue, type Invention } from './invention.ts';
import type { Moment } from './moment.ts';
import { readRegister } from './register-rule.ts';
import type { StepPurse } from './step-purse.ts';
import type { KeyOperation, Timeline } from './timeline.ts';

/** What one key of a recovered store says about the operations on it. */
export interface KeyReading {
  readonly timeline: Timeline;
  /** What the key holds; undefined for nothing. */
  readonly found: string | undefined;
  /** No operation explains what is found. */
  readonly invention?: Invention;
  /** An operation is missing inside the value, and a later one is there. */
  readonly gap?: { readonly missing: Operation; readonly later: Operation };
  /** The only operation that can have left what is found: it is there for certain. */
  readonly writer?: Operation;
  /** It could not be judged. */
  readonly unknown?: string;
  /**
   * Operations that cannot be part of what is found, by their start, among those that ended up to a position. A key that
   * holds an invention says nothing about who is missing.
   */
  goneUpTo(end: number): readonly KeyOperation[];
}

export function readKey(timeline: Timeline, found: string | undefined, moment: Moment, purse: StepPurse): KeyReading {
  return timeline.isRegister ? registerReading(timeline, found, moment) : readAppended(timeline, found, moment, purse);
}

function registerReading(timeline: Timeline, found: string | undefined, moment: Moment): KeyReading {
  const { writers, bound } = readRegister(timeline, found, moment);
  const base = { timeline, found, goneUpTo: (end: number) => begunAfter(timeline.operations, bound, end) };
  if (found === undefined) return base;
  const [first] = writers;
  if (first === undefined) {
    return { ...base, goneUpTo: () => [], invention: strangeValue(timeline, found, moment) };
  }
  return writers.every(({ operation }) => operation === first.operation) ? { ...base, writer: first.operation } : base;
}

/** Operations with a start after one position and an end up to another. */
function begunAfter(operations: readonly KeyOperation[], bound: number, end: number): KeyOperation[] {
  const gone: KeyOperation[] = [];
  for (let i = firstAfter(operations, bound); i < operations.length; i++) {
    const operation = operations[i]!;
    if (operation.start > end) break;
    if (operation.end <= end) gone.push(operation);
  }
  return gone;
}

function firstAfter(operations: readonly KeyOperation[], bound: number): number {
  let low = 0;
  for (let high = operations.length; low < high;) {
    const middle = (low + high) >>> 1;
    if (operations[middle]!.start > bound) high = middle;
    else low = middle + 1;
  }
  return low;
}
