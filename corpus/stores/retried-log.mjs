/**
 * A log in a preallocated file, a block for each record, on a device that may fail a write. After a failed fsync the kernel
 * takes the pages for clean, so that the next one has nothing to write and succeeds: the record is in memory only.
 */
import { fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { preallocate } from '../files.mjs';
import { decodeRecord, encodeRecord } from '../record.mjs';
import { recordsAfter, valueOf } from '../values.mjs';

const BLOCK_BYTES = 4096;
const BLOCKS = 64;
const PAUSE_MS = 50;
const PATIENCE_MS = 20_000;

export const model = recordsAfter;

export function create(dir) {
  preallocate(`${dir}/log`, BLOCKS * BLOCK_BYTES);
}

export function open(dir, fault) {
  const fd = openSync(`${dir}/log`, 'r+');
  let block = 0;
  const write = (number) => writeSync(fd, encodeRecord(number, valueOf(number)), 0, undefined, block * BLOCK_BYTES);
  return {
    perform(number) {
      write(number);
      untilItSucceeds(
        () => fdatasyncSync(fd),
        () => {
          if (fault === 'fsync-error-ignored') return;
          // What is in a block whose write failed is anybody's guess; the record goes to another, and is synced there.
          block++;
          write(number);
        },
      );
      block++;
    },
  };
}

/** @param afterFailure runs before each new attempt; @throws the last error when patience is at an end */
function untilItSucceeds(sync, afterFailure) {
  for (const end = Date.now() + PATIENCE_MS; ;) {
    try {
      return sync();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    afterFailure();
  }
}

export function read(dir) {
  const bytes = readFileSync(`${dir}/log`);
  const records = Array.from({ length: BLOCKS }, (_, block) => decodeRecord(bytes, block * BLOCK_BYTES));
  return new Map(records.filter(Boolean).map(({ number, value }) => [number, value]));
}
