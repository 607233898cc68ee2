/** Transactions that a store of keys and values keeps whole or not at all, and what may be found of them. */
import { requireAll, valueOf, Violated } from './common.mjs';

const SLOTS = 7;
const VALUE_BYTES = 1500;

const keyOf = (number) => `k${String(number).padStart(6, '0')}`;

/** A new key, one of a few that are overwritten, and a counter. */
export function transaction(number) {
  const value = valueOf(number, VALUE_BYTES);
  return { [keyOf(number)]: value, [`s${number % SLOTS}`]: `${number} ${value}`, last: String(number) };
}

/** @param found Map from key to value: all that the store holds */
export function judge(found, acknowledged) {
  const numbers = [...found.keys()].filter((key) => key.startsWith('k')).map((key) => Number(key.slice(1)));
  const reached = Math.max(0, ...numbers);
  judgeKeys(found, reached);
  const expected = new Map(upTo(reached).flatMap((number) => Object.entries(transaction(number))));
  const keys = new Set([...expected.keys(), ...found.keys()]);
  const torn = [...keys].find((key) => found.get(key) !== expected.get(key));
  if (torn !== undefined) throw new Violated(`torn: ${torn} is not as transaction ${reached} left it`);
  requireAll(reached, acknowledged, 'transaction');
}

function judgeKeys(found, reached) {
  const missing = upTo(reached).find((number) => !found.has(keyOf(number)));
  if (missing !== undefined)
    throw new Violated(`reordered: transaction ${missing} is missing, but ${reached} is there`);
  const wrong = upTo(reached).find((number) => found.get(keyOf(number)) !== valueOf(number, VALUE_BYTES));
  if (wrong !== undefined) throw new Violated(`corrupt: transaction ${wrong} came back with another value`);
}

const upTo = (reached) => Array.from({ length: reached }, (_, i) => i + 1);
