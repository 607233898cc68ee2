import { closeSync, fsyncSync, ftruncateSync, openSync, readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { listSegments, syncDirectory, TEMPORARY_SUFFIX, type SegmentFile } from './segment-file.ts';
import { decodeRecords, type StoredRecord } from './stored-record.ts';
import { decodeText } from './text-record.ts';

/** What no power cut can do to the sound store. */
export interface Damage {
  readonly class: 'torn' | 'reordered' | 'corrupt';
  readonly detail: string;
}

export interface Recovered {
  readonly records: readonly StoredRecord[];
  /** The segment that takes the next records, undefined while there is none. */
  readonly last: (SegmentFile & { readonly lengthBytes: number }) | undefined;
  /** Set when the store must not be opened. `records` are then those before the damage. */
  readonly damage: Damage | undefined;
}

/**
 * Brings a store back after a crash: drops segments that never got their name, reads the others, and cuts the last one
 * off at its first bad record, which can only be a put that was never acknowledged. It can run any number of times.
 */
export function recover(directory: string): Recovered {
  removeTemporaries(directory);
  const records: StoredRecord[] = [];
  const segments = listSegments(directory);
  let last: Recovered['last'];
  for (const [i, segment] of segments.entries()) {
    const bytes = readFileSync(join(directory, segment.name));
    const decode = segment.text ? decodeText : decodeRecords;
    const decoded = decode(bytes, records.length + 1);
    const isLast = i === segments.length - 1;
    const damage = misplaced(segment, i + 1) ?? damageIn(segment, bytes, decoded.goodBytes, isLast);
    if (damage !== undefined) return { records, last, damage };
    records.push(...decoded.records);
    last = { ...segment, lengthBytes: decoded.goodBytes };
    if (decoded.goodBytes < bytes.length) cutOff(join(directory, segment.name), decoded.goodBytes);
  }
  return { records, last, damage: undefined };
}

function misplaced(segment: SegmentFile, expectedNumber: number): Damage | undefined {
  if (segment.number === expectedNumber) return undefined;
  return { class: 'reordered', detail: `segment ${expectedNumber} is missing, but ${segment.name} is there` };
}

function damageIn(segment: SegmentFile, bytes: Buffer, goodBytes: number, isLast: boolean): Damage | undefined {
  if (segment.text) return undefined;
  // A segment gets its name only when its first record is on the disk.
  if (goodBytes === 0) {
    return { class: 'torn', detail: `${segment.name} (${bytes.length} bytes) does not start with a whole record` };
  }
  if (goodBytes === bytes.length || isLast) return undefined;
  return {
    class: 'corrupt',
    detail: `bad record at byte ${goodBytes} of ${segment.name}, which is not the last segment`,
  };
}

function removeTemporaries(directory: string): void {
  const temporaries = readdirSync(directory).filter((name) => name.endsWith(TEMPORARY_SUFFIX));
  for (const name of temporaries) unlinkSync(join(directory, name));
  if (temporaries.length > 0) syncDirectory(directory);
}

function cutOff(path: string, lengthBytes: number): void {
  const fd = openSync(path, 'r+');
  try {
    ftruncateSync(fd, lengthBytes);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
