/**
 * The rule: a 64-bit field is read into a number, and a value that a number cannot hold exactly comes out as something
 * that `Number.isSafeInteger` refuses, so no caller can compute with a rounded position.
 *
 * Not covered: the refusal itself. The caller knows the field's name and place, and says so.
 */
const HIGH_WORD = 2 ** 32;

/** Exact up to 2^53 - 1; above that rounded, and never a safe integer. */
export function readU64(bytes: Buffer, offsetBytes: number): number {
  return bytes.readUInt32LE(offsetBytes + 4) * HIGH_WORD + bytes.readUInt32LE(offsetBytes);
}

/** `value`: a safe integer, 0 or more. */
export function writeU64(bytes: Buffer, value: number, offsetBytes: number): void {
  bytes.writeUInt32LE(value % HIGH_WORD, offsetBytes);
  bytes.writeUInt32LE(Math.floor(value / HIGH_WORD), offsetBytes + 4);
}
