/** CRC-32C (Castagnoli) as the kernel's crc32c() computes it: seeded by the caller, not inverted at the end. */
const POLYNOMIAL = 0x82f63b78;
const SLICES = 8;
const TABLES = makeTables();

/** What ext4 and jbd2 begin with. */
export const CRC_START = 0xffff_ffff;

/** @param seed `CRC_START`, or the sum of what stands before. @returns 0 to 2^32 - 1 */
export function crc32c(seed: number, bytes: Buffer): number {
  let crc = seed | 0;
  let at = 0;
  // Eight bytes a step: a journal is megabytes, and a state shall cost a millisecond.
  for (const end = bytes.length - (bytes.length % SLICES); at < end; at += SLICES) {
    const low = bytes.readInt32LE(at) ^ crc;
    const high = bytes.readInt32LE(at + 4);
    crc =
      TABLES[7 * 256 + (low & 255)]! ^
      TABLES[6 * 256 + ((low >>> 8) & 255)]! ^
      TABLES[5 * 256 + ((low >>> 16) & 255)]! ^
      TABLES[4 * 256 + (low >>> 24)]! ^
      TABLES[3 * 256 + (high & 255)]! ^
      TABLES[2 * 256 + ((high >>> 8) & 255)]! ^
      TABLES[256 + ((high >>> 16) & 255)]! ^
      TABLES[high >>> 24]!;
  }
  for (; at < bytes.length; at++) crc = TABLES[(crc ^ bytes[at]!) & 255]! ^ (crc >>> 8);
  return crc >>> 0;
}

function makeTables(): Int32Array {
  const tables = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    tables[byte] = crc;
  }
  for (let at = 256; at < tables.length; at++) {
    const before = tables[at - 256]!;
    tables[at] = tables[before & 255]! ^ (before >>> 8);
  }
  return tables;
}
