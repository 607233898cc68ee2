import { crc32c } from './crc32c.ts';

/** One acknowledged or attempted put or delete. */
export interface StoredRecord {
  /** 1 for the store's first record, then one more for each. */
  readonly sequence: number;
  readonly key: string;
  readonly value: string;
  /** The key is gone from here on; the value is empty. */
  readonly deleted?: true;
}

/** What the records before left, with one more. */
export function applyRecord(values: Map<string, string>, { key, value, deleted }: StoredRecord): void {
  if (deleted) values.delete(key);
  else values.set(key, value);
}

export interface Decoded {
  readonly records: readonly StoredRecord[];
  /** Where the first bad record starts; the length of the input when all of it is good. */
  readonly goodBytes: number;
}

/**
 * u32 length of what follows the checksum, u32 CRC-32C over all but itself, u32 sequence, u16 length of the key, key,
 * value. Little-endian. The top bit of the key's length marks a deletion.
 *
 * The checksum covers the length too, so a run of zeros (what a file system shows where a size was saved and the data
 * was not) is no record. The sequence is there because a block that was never written may hold an old, whole record of
 * a deleted file.
 */
const LENGTH_AT = 0;
const CHECKSUM_AT = 4;
const SEQUENCE_AT = 8;
const KEY_LENGTH_AT = 12;
const KEY_AT = 14;
const DELETED = 0x8000;

export function encodeRecord(record: StoredRecord): Buffer {
  const key = Buffer.from(record.key);
  const value = Buffer.from(record.value);
  const bytes = Buffer.alloc(KEY_AT + key.length + value.length);
  bytes.writeUInt32LE(bytes.length - SEQUENCE_AT, LENGTH_AT);
  bytes.writeUInt32LE(record.sequence, SEQUENCE_AT);
  bytes.writeUInt16LE(key.length | (record.deleted ? DELETED : 0), KEY_LENGTH_AT);
  key.copy(bytes, KEY_AT);
  value.copy(bytes, KEY_AT + key.length);
  bytes.writeUInt32LE(checksumOf(bytes), CHECKSUM_AT);
  return bytes;
}

/** Reads records up to the first bad one. @param firstSequence what the first of them must carry */
export function decodeRecords(bytes: Buffer, firstSequence: number): Decoded {
  const records: StoredRecord[] = [];
  let goodBytes = 0;
  while (goodBytes < bytes.length) {
    const whole = wholeRecordAt(bytes, goodBytes);
    if (whole === undefined) break;
    const record = decodeRecord(whole);
    if (record.sequence !== firstSequence + records.length) break;
    records.push(record);
    goodBytes += whole.length;
  }
  return { records, goodBytes };
}

/** The bytes of the record at an offset; undefined when it is cut short or its checksum does not fit. */
function wholeRecordAt(bytes: Buffer, offset: number): Buffer | undefined {
  if (bytes.length - offset < KEY_AT) return undefined;
  const end = offset + SEQUENCE_AT + bytes.readUInt32LE(offset + LENGTH_AT);
  if (end < offset + KEY_AT || end > bytes.length) return undefined;
  const whole = bytes.subarray(offset, end);
  return whole.readUInt32LE(CHECKSUM_AT) === checksumOf(whole) ? whole : undefined;
}

function decodeRecord(whole: Buffer): StoredRecord {
  const keyLength = whole.readUInt16LE(KEY_LENGTH_AT);
  const keyEnd = KEY_AT + (keyLength & ~DELETED);
  return {
    sequence: whole.readUInt32LE(SEQUENCE_AT),
    key: whole.toString('utf8', KEY_AT, keyEnd),
    value: whole.toString('utf8', keyEnd),
    ...(keyLength & DELETED && { deleted: true }),
  };
}

function checksumOf(whole: Buffer): number {
  return crc32c(Buffer.concat([whole.subarray(LENGTH_AT, CHECKSUM_AT), whole.subarray(SEQUENCE_AT)]));
}
