/** What a history did to one key, ordered once and for all, so that each crash state costs little more than its dump. */
import type { Effect } from '../../stores/history-event.ts';
import type { History, Operation } from '../../stores/history.ts';

/** One operation's part on one key. */
export interface KeyOperation {
  readonly operation: Operation;
  /** In order, all at once. */
  readonly effects: readonly Effect[];
  readonly start: number;
  readonly end: number;
  /** What the key holds afterwards whatever it held before, undefined for nothing; absent when that depends. */
  readonly leaves?: { readonly value: string | undefined };
}

export interface Timeline {
  readonly key: string;
  /** By their start. */
  readonly operations: readonly KeyOperation[];
  /** Every operation leaves something that does not depend on what was there: nothing is appended. */
  readonly isRegister: boolean;
  readonly byValue: ReadonlyMap<string, readonly KeyOperation[]>;
  /** Those that leave nothing. */
  readonly removals: readonly KeyOperation[];
}

export type Timelines = ReadonlyMap<string, Timeline>;

export function timelinesOf(history: History): Timelines {
  const byKey = new Map<string, KeyOperation[]>();
  for (const operation of history.operations) {
    for (const part of partsOf(operation)) {
      const { key } = part.effects[0]!;
      const known = byKey.get(key);
      if (known) known.push(part);
      else byKey.set(key, [part]);
    }
  }
  return new Map([...byKey].map(([key, operations]) => [key, timeline(key, operations)]));
}

/**
 * A transaction is one step on each of its keys. Parts of a batch stand alone, and two of them on one key in no order:
 * nothing was said about it.
 */
function partsOf(operation: Operation): KeyOperation[] {
  if (operation.op === 'batch') return operation.effects.map((effect) => part(operation, [effect]));
  const byKey = new Map<string, Effect[]>();
  for (const effect of operation.effects) {
    const known = byKey.get(effect.key);
    if (known) known.push(effect);
    else byKey.set(effect.key, [effect]);
  }
  return [...byKey.values()].map((effects) => part(operation, effects));
}

function part(operation: Operation, effects: readonly Effect[]): KeyOperation {
  const { start, end } = operation;
  const last = effects.findLastIndex(({ op }) => op !== 'append');
  if (last < 0) return { operation, effects, start, end };
  const value = effects.slice(last).reduce(applyEffect, undefined as string | undefined);
  return { operation, effects, start, end, leaves: { value } };
}

export function applyEffect(before: string | undefined, effect: Effect): string | undefined {
  if (effect.op === 'delete') return undefined;
  return effect.op === 'put' ? effect.value : (before ?? '') + effect.value;
}

function timeline(key: string, operations: readonly KeyOperation[]): Timeline {
  const byValue = new Map<string, KeyOperation[]>();
  const removals: KeyOperation[] = [];
  for (const operation of operations) {
    const { leaves } = operation;
    if (leaves === undefined) continue;
    if (leaves.value === undefined) removals.push(operation);
    else if (byValue.has(leaves.value)) byValue.get(leaves.value)!.push(operation);
    else byValue.set(leaves.value, [operation]);
  }
  return { key, operations, isRegister: operations.every(({ leaves }) => leaves), byValue, removals };
}
