/** A preallocated log that is written through a shared mapping: a block for each record. */
import { openSync } from 'node:fs';
import { encodeRecord } from '../record.mjs';
import { map, msync } from '../system-calls.mjs';
import { valueOf } from '../values.mjs';

export { create, model, read } from './direct-log.mjs';

const BLOCK_BYTES = 4096;
const BLOCKS = 64;

export function open(dir, fault) {
  const mapping = map(BLOCKS * BLOCK_BYTES, openSync(`${dir}/log`, 'r+'));
  return {
    perform(number) {
      mapping.bytes.set(encodeRecord(number, valueOf(number)), number * BLOCK_BYTES);
      if (fault !== 'mmap-without-msync') msync(mapping);
    },
  };
}
