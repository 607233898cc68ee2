/**
 * The record of all logs here: u32 checksum, u32 length of the value, u32 number of the operation, u32 kind, value;
 * little-endian. The checksum covers everything behind itself, the length too.
 */
import { crc32 } from 'node:zlib';

export const HEADER_BYTES = 16;
const LENGTH_AT = 4;
const NUMBER_AT = 8;
const KIND_AT = 12;
const PUT = 1;
const DELETE = 2;

/** @param value undefined for a deletion */
export function encodeRecord(number, value) {
  const bytes = Buffer.alloc(HEADER_BYTES + Buffer.byteLength(value ?? ''));
  bytes.writeUInt32LE(bytes.length - HEADER_BYTES, LENGTH_AT);
  bytes.writeUInt32LE(number, NUMBER_AT);
  bytes.writeUInt32LE(value === undefined ? DELETE : PUT, KIND_AT);
  bytes.write(value ?? '', HEADER_BYTES);
  bytes.writeUInt32LE(crc32(bytes.subarray(LENGTH_AT)), 0);
  return bytes;
}

/** The record that starts here; undefined where there is none, or not all of it. `check: false` takes it as it comes. */
export function decodeRecord(bytes, offset, { check = true } = {}) {
  if (bytes.length - offset < HEADER_BYTES) return undefined;
  const end = offset + HEADER_BYTES + bytes.readUInt32LE(offset + LENGTH_AT);
  const kind = bytes.readUInt32LE(offset + KIND_AT);
  if (end > bytes.length || (kind !== PUT && kind !== DELETE)) return undefined;
  if (check && bytes.readUInt32LE(offset) !== crc32(bytes.subarray(offset + LENGTH_AT, end))) return undefined;
  const value = kind === PUT ? bytes.toString('latin1', offset + HEADER_BYTES, end) : undefined;
  return { number: bytes.readUInt32LE(offset + NUMBER_AT), value, end };
}

/** All good records from the start, and where the first bad one begins. */
export function decodeRecords(bytes) {
  const records = [];
  let goodBytes = 0;
  for (let record; (record = decodeRecord(bytes, goodBytes)); goodBytes = record.end) records.push(record);
  return { records, goodBytes };
}
