/** A log of records of one size that is grown by four at a time. A clean close would cut off what was not used; a power cut does not. */
import { fsyncSync, ftruncateSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { decodeRecord, encodeRecord, HEADER_BYTES } from '../record.mjs';
import { recordsAfter, valueOf } from '../values.mjs';

const RECORD_BYTES = 256;
const GROWTH_RECORDS = 4;
const VALUE_BYTES = RECORD_BYTES - HEADER_BYTES;

export const model = (count) => recordsAfter(count, VALUE_BYTES);

export function create(dir) {
  writeFileSync(`${dir}/log`, '');
}

export function open(dir) {
  const fd = openSync(`${dir}/log`, 'r+');
  return {
    perform(number) {
      const index = number - 1;
      if (index % GROWTH_RECORDS === 0) ftruncateSync(fd, (index + GROWTH_RECORDS) * RECORD_BYTES);
      writeSync(fd, encodeRecord(number, valueOf(number, VALUE_BYTES)), 0, RECORD_BYTES, index * RECORD_BYTES);
      fsyncSync(fd);
    },
  };
}

export function read(dir, fault) {
  const bytes = readFileSync(`${dir}/log`);
  const found = new Map();
  for (let index = 0; index < bytes.length / RECORD_BYTES; index++) {
    const start = index * RECORD_BYTES;
    const value = bytes.toString('latin1', start + HEADER_BYTES, start + RECORD_BYTES);
    if (fault === 'preallocation-taken-for-data') found.set(index + 1, value);
    else if (decodeRecord(bytes, start)) found.set(index + 1, value);
    else break;
  }
  return found;
}
