/**
 * A preallocated file: a table of lengths in its first block, then a block for each value, which starts with a checksum. Block and
 * table are written together, with one sync.
 */
import { fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { preallocate } from '../files.mjs';
import { recordsAfter, valueOf } from '../values.mjs';

const BLOCK_BYTES = 4096;
const VALUES = 32;
const LENGTH_BYTES = 4;
const CHECKSUM_BYTES = 4;

export const model = recordsAfter;

/** @param length where it is covered, of the value */
function checksum(payload, length, fault) {
  const covered = fault === 'checksum-without-length' ? Uint32Array.of() : Uint32Array.of(length);
  return crc32(payload, crc32(covered));
}

export function create(dir) {
  preallocate(`${dir}/store`, (1 + VALUES) * BLOCK_BYTES);
}

export function open(dir, fault) {
  const fd = openSync(`${dir}/store`, 'r+');
  return {
    perform(number) {
      const value = valueOf(number);
      const block = Buffer.alloc(BLOCK_BYTES);
      block.write(value, CHECKSUM_BYTES);
      block.writeUInt32LE(checksum(block.subarray(CHECKSUM_BYTES), value.length, fault));
      writeSync(fd, block, 0, BLOCK_BYTES, number * BLOCK_BYTES);
      writeSync(fd, Uint32Array.of(value.length), 0, LENGTH_BYTES, number * LENGTH_BYTES);
      fdatasyncSync(fd);
    },
  };
}

export function read(dir, fault) {
  const bytes = readFileSync(`${dir}/store`);
  const found = new Map();
  for (let number = 1; number <= VALUES; number++) {
    const length = bytes.readUInt32LE(number * LENGTH_BYTES);
    const block = bytes.subarray(number * BLOCK_BYTES, (number + 1) * BLOCK_BYTES);
    const payload = block.subarray(CHECKSUM_BYTES);
    if (block.readUInt32LE(0) !== checksum(payload, length, fault) || payload[0] === 0) continue;
    found.set(number, payload.toString('latin1', 0, length));
  }
  return found;
}
