/** Whether one operation can be there, and whether it can be missing, judged by what one key holds. In doubt both. */
import type { Operation } from '../../stores/history.ts';
import { search } from './appended-rule.ts';
import type { HistoryReading } from './history-reading.ts';
import type { KeyReading } from './key-reading.ts';
import { readRegister } from './register-rule.ts';
import type { KeyOperation, Timeline } from './timeline.ts';

export function mayBeThere(reading: HistoryReading, operation: Operation, key: string): boolean {
  const { timeline, found, invention, part } = placeOf(reading, operation, key);
  if (invention) return true;
  const { moment, purse } = reading;
  if (!timeline.isRegister) {
    return search({ timeline, found, moment, purse }, (each) => each === part).kind !== 'impossible';
  }
  return readRegister(timeline, found, moment).bound > part.start;
}

/** That the others must survive counts here: a key that is empty without this operation may have to hold something. */
export function mayBeMissing(reading: HistoryReading, operation: Operation, key: string): boolean {
  const { timeline, found, invention, part } = placeOf(reading, operation, key);
  if (invention) return true;
  const { moment, purse } = reading;
  const isRequired = (each: KeyOperation): boolean => each !== part && moment.mustSurvive(each.operation) === true;
  if (!timeline.isRegister) {
    return search({ timeline, found, moment, purse }, isRequired, { without: part }).kind !== 'impossible';
  }
  const { writers } = readRegister(timeline, found, moment);
  if (!writers.includes(part)) return true;
  let bound = found === undefined ? -Infinity : NaN;
  for (const writer of writers) {
    if (writer !== part && !(writer.end <= bound)) bound = writer.end;
  }
  const required = lastRequiredStart(timeline, moment.passed, isRequired);
  return required === -Infinity ? !Number.isNaN(bound) : bound > required;
}

function placeOf({ keys }: HistoryReading, operation: Operation, key: string): KeyReading & { part: KeyOperation } {
  const reading = keys.get(key)!;
  return { ...reading, part: partOf(reading.timeline, operation) };
}

/** An operation's part on a key, by its start: no two operations but the parts of one batch begin at once. */
function partOf({ operations }: Timeline, { start }: Operation): KeyOperation {
  let low = 0;
  for (let high = operations.length - 1; low < high;) {
    const middle = (low + high) >>> 1;
    if (operations[middle]!.start < start) low = middle + 1;
    else high = middle;
  }
  return operations[low]!;
}

function lastRequiredStart(
  { operations }: Timeline,
  passed: number,
  isRequired: (part: KeyOperation) => boolean,
): number {
  const last = operations.findLast((part) => part.start <= passed && isRequired(part));
  return last?.start ?? -Infinity;
}
