/** A preallocated log with its records close together; recovery clears what is left of a record that was being written. */
import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { preallocate } from '../files.mjs';
import { decodeRecords, encodeRecord } from '../record.mjs';
import { recordsAfter, valueOf } from '../values.mjs';

const LOG_BYTES = 65_536;
const PAGE_BYTES = 4096;
const VALUE_BYTES = 700;

export const model = (count) => recordsAfter(count, VALUE_BYTES);

export function create(dir) {
  preallocate(`${dir}/log`, LOG_BYTES);
}

export function open(dir) {
  const fd = openSync(`${dir}/log`, 'r+');
  let end = 0;
  return {
    perform(number) {
      const record = encodeRecord(number, valueOf(number, VALUE_BYTES));
      end += writeSync(fd, record, 0, record.length, end);
      fdatasyncSync(fd);
    },
  };
}

export function recover(dir, fault) {
  const bytes = readFileSync(`${dir}/log`);
  const { goodBytes } = decodeRecords(bytes);
  if (bytes.subarray(goodBytes).every((byte) => byte === 0)) return;
  const from = fault === 'recovery-truncates-too-much' ? goodBytes - (goodBytes % PAGE_BYTES) : goodBytes;
  const fd = openSync(`${dir}/log`, 'r+');
  writeSync(fd, Buffer.alloc(LOG_BYTES - from), 0, LOG_BYTES - from, from);
  fdatasyncSync(fd);
  closeSync(fd);
}

export { read } from './append-log.mjs';
