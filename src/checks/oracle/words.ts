import type { Operation } from '../../stores/history.ts';

const SHOWN_MAX = 40;

/** A key or value for a message: quoted, and cut short. */
export function shown(text: string): string {
  return JSON.stringify(text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX - 3)}...`);
}

/** `operation 17 (put "k")`. */
export function named({ id, op, effects }: Operation, key?: string): string {
  const on = op === 'txn' || op === 'batch' ? op : `${op} ${shown(key ?? effects[0]!.key)}`;
  return `operation ${id} (${on})`;
}

export function foundText(key: string, found: string | undefined): string {
  return found === undefined ? `${shown(key)} is not there` : `${shown(key)} holds ${shown(found)}`;
}
