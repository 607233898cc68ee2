/** Values in one preallocated file, how many there are in another. The values have no checksum: the count vouches for them. */
import { fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { preallocate } from '../files.mjs';
import { syncfs } from '../system-calls.mjs';
import { recordsAfter, valueOf } from '../values.mjs';

const SLOT_BYTES = 4096;
const SLOTS = 32;
const VALUE_BYTES = 100;

export const model = recordsAfter;

export function create(dir) {
  preallocate(`${dir}/values`, SLOTS * SLOT_BYTES);
  preallocate(`${dir}/count`, SLOT_BYTES);
}

export function open(dir, fault) {
  const values = openSync(`${dir}/values`, 'r+');
  const count = openSync(`${dir}/count`, 'r+');
  const writeValue = (number) => writeSync(values, valueOf(number), number * SLOT_BYTES);
  const writeCount = (number) => writeSync(count, Uint32Array.of(number), 0, 4, 0);
  return {
    perform(number) {
      if (fault === 'files-in-wrong-order') {
        writeCount(number);
        fdatasyncSync(count);
      }
      writeValue(number);
      if (fault !== 'one-sync-for-two-files') fdatasyncSync(values);
      writeCount(number);
      if (fault === 'one-sync-for-two-files') syncfs(count);
      else fdatasyncSync(count);
    },
  };
}

export function read(dir) {
  const values = readFileSync(`${dir}/values`);
  const count = readFileSync(`${dir}/count`).readUInt32LE(0);
  const slots = Array.from({ length: count }, (_, i) => (i + 1) * SLOT_BYTES);
  return new Map(slots.map((start, i) => [i + 1, values.toString('latin1', start, start + VALUE_BYTES)]));
}
