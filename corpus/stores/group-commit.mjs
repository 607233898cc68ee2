/**
 * A log with group commit: one fsync for several operations, which are acknowledged together. Every fourth operation arrives
 * while the fsync for those before it is under way, and is written meanwhile.
 */
import { fsyncSync, openSync, writeSync } from 'node:fs';
import { encodeRecord } from '../record.mjs';
import { valueOf } from '../values.mjs';

export { model, read } from './append-log.mjs';
/** Five may be on the disk that nobody was told of: a batch of four, and the one that came while it was synced. */
export const onTheirWay = 5;

export function open(dir, fault) {
  const fd = openSync(`${dir}/log`, 'a');
  const waiting = [];
  return {
    /** @returns the operations that are acknowledged now */
    perform(number) {
      const isLate = number % 4 === 0;
      const batch = waiting.length;
      if (isLate) fsyncSync(fd);
      writeSync(fd, encodeRecord(number, valueOf(number)));
      waiting.push(number);
      if (!isLate) return [];
      return waiting.splice(0, fault === 'group-commit-acks-next-batch' ? waiting.length : batch);
    },
  };
}
