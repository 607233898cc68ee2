/**
 * Names what no operation wrote. `phantom`: a key that nobody wrote, or a value of an operation that had failed or was not
 * started. `torn`: part of what was written: cut short, with zeros in the place of some of it, or the beginning of one
 * value and the end of another. `corrupt`: anything else.
 */
import type { ViolationClass } from '../verdict.ts';
import type { Moment } from './moment.ts';
import type { Timeline, Timelines } from './timeline.ts';
import { foundText, named, shown } from './words.ts';

export interface Invention {
  readonly class: Extract<ViolationClass, 'phantom' | 'torn' | 'corrupt'>;
  readonly message: string;
}

/** A key in the dump that no operation names. */
export function strangeKey(key: string, timelines: Timelines): Invention {
  for (const known of timelines.keys()) {
    if (!isPartOf(key, known)) continue;
    return {
      class: 'torn',
      message: `the key ${shown(key)} is part of the key ${shown(known)}; no operation wrote it`,
    };
  }
  return { class: 'phantom', message: `the key ${shown(key)} was never written` };
}

/** A value that the key cannot hold. */
export function strangeValue({ key, operations }: Timeline, found: string, moment: Moment): Invention {
  const holds = foundText(key, found);
  for (const { operation, leaves } of operations) {
    if (leaves?.value !== found) continue;
    const why = operation.failedAt <= moment.passed ? 'had failed' : 'was not started yet';
    return { class: 'phantom', message: `${holds}, but ${named(operation, key)} ${why}` };
  }
  const values = operations.flatMap(({ operation, effects }) =>
    effects.flatMap((effect) => (effect.op === 'delete' ? [] : [{ operation, value: effect.value }])),
  );
  for (const { operation, value } of values) {
    if (!isPartOf(found, value)) continue;
    return {
      class: 'torn',
      message: `${holds}: part of what ${named(operation, key)} wrote (${value.length} characters)`,
    };
  }
  if (isSplice(found, values))
    return { class: 'torn', message: `${holds}: the beginning of one value and the end of another` };
  return { class: 'corrupt', message: `${holds} (${found.length} characters), which is no operation's value` };
}

/** The text without its end, or with zeros in the place of some of it: a size was saved and data was not. */
export function isPartOf(found: string, whole: string): boolean {
  if (found === whole) return false;
  if (found.length < whole.length && whole.startsWith(found)) return true;
  if (!found.includes('\0') || found.length > whole.length) return false;
  for (let i = 0; i < found.length; i++) {
    if (found[i] !== '\0' && found[i] !== whole[i]) return false;
  }
  return true;
}

/** As when the old value was overwritten in place, and only the first blocks made it. */
function isSplice(found: string, values: readonly { readonly value: string }[]): boolean {
  let longestBeginning = 0;
  let longestEnd = 0;
  for (const { value } of values) {
    if (value.length !== found.length) continue;
    longestBeginning = Math.max(
      longestBeginning,
      commonLength(found.length, (i) => found[i] === value[i]),
    );
    longestEnd = Math.max(
      longestEnd,
      commonLength(found.length, (i) => found.at(-1 - i) === value.at(-1 - i)),
    );
  }
  return longestBeginning > 0 && longestEnd > 0 && longestBeginning + longestEnd >= found.length;
}

function commonLength(limit: number, isSame: (index: number) => boolean): number {
  let length = 0;
  while (length < limit && isSame(length)) length++;
  return length;
}
