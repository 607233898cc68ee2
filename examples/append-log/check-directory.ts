import { operationKey, operationNumber, operationValue } from './operation.ts';
import { recover, type Damage } from './recover.ts';
import type { StoredRecord } from './stored-record.ts';

export interface Violation {
  readonly class: Damage['class'] | 'lost' | 'phantom';
  readonly detail: string;
}

/**
 * The invariant: after a crash the store holds operations 1 to n, whole and in order, where n is at least the number
 * acknowledged. One operation more may be there: it was on its way when the power went.
 * @param acknowledgedCount how many operations the workload had acknowledged
 * @returns the first violation; undefined when the invariant holds
 */
export function checkDirectory(directory: string, acknowledgedCount: number): Violation | undefined {
  const { records, damage } = recover(directory);
  if (damage !== undefined) return damage;
  const wrong = firstWrong(records);
  if (wrong !== undefined) return wrong;
  if (records.length >= acknowledgedCount) return undefined;
  const counts = `${acknowledgedCount} acknowledged, ${records.length} recovered`;
  return { class: 'lost', detail: `operation ${records.length + 1} is gone (${counts})` };
}

function firstWrong(records: readonly StoredRecord[]): Violation | undefined {
  for (const [i, record] of records.entries()) {
    const violation = judge(record, i + 1);
    if (violation !== undefined) return violation;
  }
  return undefined;
}

/** @param expected number of the operation that must stand in the record's place */
function judge(record: StoredRecord, expected: number): Violation | undefined {
  if (record.key !== operationKey(expected)) return judgeKey(record.key, expected);
  const value = operationValue(expected);
  if (record.value === value) return undefined;
  if (isBeginningOf(record.value, value)) {
    return {
      class: 'torn',
      detail: `operation ${expected} came back with ${record.value.length} of ${value.length} bytes`,
    };
  }
  return { class: 'corrupt', detail: `operation ${expected} came back with another value` };
}

function judgeKey(key: string, expected: number): Violation {
  const number = operationNumber(key);
  if (number !== undefined && number > expected) {
    return { class: 'reordered', detail: `operation ${expected} is missing, but ${number} is there` };
  }
  if (number !== undefined) return { class: 'corrupt', detail: `operation ${number} is there twice` };
  if (isBeginningOf(key, operationKey(expected))) {
    return { class: 'torn', detail: `the record after operation ${expected - 1} is cut short or filled with zeros` };
  }
  return { class: 'phantom', detail: `the key ${JSON.stringify(key.slice(0, 40))} was never written` };
}

/** The text without its end, or with zeros in the place of some of it: a size was saved and data was not. */
function isBeginningOf(found: string, whole: string): boolean {
  return whole.startsWith(found.split('\0', 1)[0]!);
}
