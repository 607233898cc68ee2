import { createHash } from 'node:crypto';

/** What operation `number` writes: text that no other operation has, and that shows every wrong byte. */
export function valueOf(number, bytes = 100) {
  const hash = createHash('sha256').update(`operation ${number}`).digest('hex');
  return `${number}:${hash.repeat(Math.ceil(bytes / hash.length))}`.slice(0, bytes);
}

/** The store after `count` operations, where operation n puts key n and every third deletes the key before it. */
export function keysAfter(count, bytes) {
  const keys = new Map();
  for (let number = 1; number <= count; number++) {
    if (isDeletion(number)) keys.delete(number - 1);
    else keys.set(number, valueOf(number, bytes));
  }
  return keys;
}

export const isDeletion = (number) => number % 3 === 0;

/** The store after `count` operations, where operation n puts key n. */
export function recordsAfter(count, bytes) {
  return new Map(Array.from({ length: count }, (_, i) => [i + 1, valueOf(i + 1, bytes)]));
}
