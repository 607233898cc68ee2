/**
 * The disk's layout: slot i holds record i, from 0 on. A record fills its slot:
 *
 *     u32 CRC-32C of all that follows | u32 number of the operation, from 1 | its value, repeated to the end
 *
 * Little-endian. A slot that no record was ever written to holds anything, such as zeros or what the disk held before.
 */
import { crc32c } from '../append-log/crc32c.ts';
import { operationValue } from '../append-log/operation.ts';

/** Larger than a sector, so that the disk may tear it. */
export const SLOT_BYTES = 4096;
const NUMBER_AT = 4;
const VALUE_AT = 8;

export function encodeSlot(number: number): Buffer {
  const slot = Buffer.alloc(SLOT_BYTES);
  slot.writeUInt32LE(number, NUMBER_AT);
  slot.fill(operationValue(number), VALUE_AT, SLOT_BYTES, 'latin1');
  slot.writeUInt32LE(crc32c(slot.subarray(NUMBER_AT)), 0);
  return slot;
}

/** @returns the number of its operation; undefined when it holds no whole record */
export function decodeSlot(slot: Buffer): number | undefined {
  if (slot.length !== SLOT_BYTES || slot.readUInt32LE(0) !== crc32c(slot.subarray(NUMBER_AT))) return undefined;
  return slot.readUInt32LE(NUMBER_AT);
}
