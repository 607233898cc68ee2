/** A preallocated log that is written past the page cache, with O_DIRECT: a block for each record. */
import { constants, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { preallocate } from '../files.mjs';
import { decodeRecord, encodeRecord } from '../record.mjs';
import { map } from '../system-calls.mjs';
import { recordsAfter, valueOf } from '../values.mjs';

const BLOCK_BYTES = 4096;
const BLOCKS = 64;

export const model = recordsAfter;

export function create(dir) {
  preallocate(`${dir}/log`, BLOCKS * BLOCK_BYTES);
}

export function open(dir, fault) {
  const fd = openSync(`${dir}/log`, constants.O_RDWR | constants.O_DIRECT);
  const block = map(BLOCK_BYTES).bytes;
  return {
    perform(number) {
      block.fill(0).set(encodeRecord(number, valueOf(number)));
      writeSync(fd, block, 0, BLOCK_BYTES, number * BLOCK_BYTES);
      if (fault !== 'direct-without-fsync') fdatasyncSync(fd);
    },
  };
}

export function read(dir) {
  const bytes = readFileSync(`${dir}/log`);
  const records = Array.from({ length: BLOCKS }, (_, block) => decodeRecord(bytes, block * BLOCK_BYTES));
  return new Map(records.filter(Boolean).map(({ number, value }) => [number, value]));
}
