import { createHash } from 'node:crypto';

/** What the workload's i-th put writes, so that the check needs nothing but the number. The first is 1. */
export function operationKey(number: number): string {
  return `key-${String(number).padStart(6, '0')}`;
}

/** Between 300 and 1,500 characters, with neither blank nor line feed. */
export function operationValue(number: number): string {
  const digest = createHash('sha256').update(String(number)).digest('hex');
  return digest.repeat(24).slice(0, 300 + ((number * 379) % 1201));
}

/** The reverse of `operationKey`; undefined when no operation has that key. */
export function operationNumber(key: string): number | undefined {
  const digits = /^key-(\d{6,})$/.exec(key)?.[1];
  const number = Number(digits);
  return digits !== undefined && number > 0 && operationKey(number) === key ? number : undefined;
}
