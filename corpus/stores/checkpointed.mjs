/**
 * A write-ahead log and a table. An operation is acknowledged when the log has it; a checkpoint, and recovery, bring what the log
 * has into the table, and then empty the log. The store is opened anew in the midst of the workload, so power cuts fall into
 * recovery too.
 */
import { closeSync, fdatasyncSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { preallocate, readIfThere } from '../files.mjs';
import { decodeRecord, decodeRecords, encodeRecord } from '../record.mjs';
import { recordsAfter, valueOf } from '../values.mjs';

const SLOT_BYTES = 512;
const SLOTS = 32;
const CHECKPOINT_EVERY = 3;

export const model = recordsAfter;
export const reopenAfter = 5;

export function create(dir) {
  preallocate(`${dir}/table`, SLOTS * SLOT_BYTES);
  closeSync(openSync(`${dir}/wal`, 'a'));
}

export function open(dir, fault) {
  recover(dir, fault);
  const wal = openSync(`${dir}/wal`, 'a');
  return {
    perform(number) {
      writeSync(wal, encodeRecord(number, valueOf(number)));
      fdatasyncSync(wal);
      if (number % CHECKPOINT_EVERY === 0) checkpoint(dir, fault);
    },
  };
}

function checkpoint(dir, fault) {
  fillTable(dir, logged(dir), fault !== 'log-truncated-before-data-is-durable');
  emptyLog(dir);
}

export function recover(dir, fault) {
  const records = logged(dir);
  if (records.length === 0) return;
  if (fault === 'recovery-empties-log-first') emptyLog(dir);
  fillTable(dir, records, true);
  emptyLog(dir);
}

const logged = (dir) => decodeRecords(readIfThere(`${dir}/wal`)).records;

function fillTable(dir, records, durably) {
  const table = openSync(`${dir}/table`, 'r+');
  for (const { number, value } of records) {
    const slot = encodeRecord(number, value);
    writeSync(table, slot, 0, slot.length, number * SLOT_BYTES);
  }
  if (durably) fdatasyncSync(table);
  closeSync(table);
}

function emptyLog(dir) {
  const wal = openSync(`${dir}/wal`, 'r+');
  ftruncateSync(wal, 0);
  fsyncSync(wal);
  closeSync(wal);
}

/** What recovery has left in the log, it has brought into the table. */
export function read(dir) {
  const bytes = readFileSync(`${dir}/table`);
  const records = Array.from({ length: SLOTS }, (_, slot) => decodeRecord(bytes, slot * SLOT_BYTES));
  return new Map(records.filter(Boolean).map(({ number, value }) => [number, value]));
}
