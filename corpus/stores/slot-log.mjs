/**
 * A log in a preallocated file that is overwritten, with a slot of two blocks for each record. Nothing but the data changes, so
 * no ordering of the file system's protects a record: only its checksum does.
 */
import { fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { preallocate } from '../files.mjs';
import { decodeRecord, encodeRecord } from '../record.mjs';
import { syncFileRange } from '../system-calls.mjs';
import { recordsAfter, valueOf } from '../values.mjs';

const SLOT_BYTES = 8192;
const SLOTS = 32;
const VALUE_BYTES = 8000;

export const model = (count) => recordsAfter(count, VALUE_BYTES);

export function create(dir) {
  preallocate(`${dir}/log`, SLOTS * SLOT_BYTES);
}

export function open(dir, fault) {
  const fd = openSync(`${dir}/log`, 'r+');
  return {
    perform(number) {
      const record = encodeRecord(number, valueOf(number, VALUE_BYTES));
      writeSync(fd, record, 0, record.length, number * SLOT_BYTES);
      if (fault === 'sync-file-range') syncFileRange(fd, number * SLOT_BYTES, SLOT_BYTES);
      else fdatasyncSync(fd);
    },
  };
}

export function read(dir, fault) {
  const bytes = readFileSync(`${dir}/log`);
  const check = fault !== 'torn-record-accepted';
  const records = Array.from({ length: SLOTS }, (_, slot) => decodeRecord(bytes, slot * SLOT_BYTES, { check }));
  return new Map(records.filter(Boolean).map(({ number, value }) => [number, value]));
}
