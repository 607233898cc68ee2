/** A log that is appended to; each record has a checksum. Operation n appends record n. */
import { fsyncSync, openSync, writeSync } from 'node:fs';
import { readIfThere } from '../files.mjs';
import { decodeRecords, encodeRecord, HEADER_BYTES } from '../record.mjs';
import { recordsAfter, valueOf } from '../values.mjs';

export const model = recordsAfter;

export function open(dir, fault) {
  const fd = openSync(`${dir}/log`, 'a');
  const statistics = openSync(`${dir}/statistics`, 'a');
  return {
    perform(number) {
      const record = encodeRecord(number, valueOf(number));
      writeSync(statistics, '.');
      writeSync(fd, record.subarray(0, HEADER_BYTES));
      if (fault === 'fsync-before-last-write') fsyncSync(fd);
      writeSync(fd, record.subarray(HEADER_BYTES));
      if (fault === 'no-fsync' || fault === 'fsync-before-last-write') return;
      fsyncSync(fault === 'fsync-of-wrong-file' ? statistics : fd);
    },
  };
}

export function read(dir) {
  return new Map(decodeRecords(readIfThere(`${dir}/log`)).records.map(({ number, value }) => [number, value]));
}
