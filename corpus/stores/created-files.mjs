/** A file for each key, created under its own name; a checksum tells a whole one from one that was being written. */
import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { syncFolder } from '../files.mjs';
import { decodeRecord, encodeRecord } from '../record.mjs';
import { recordsAfter, valueOf } from '../values.mjs';

const PREFIX = 'key-';

export const model = recordsAfter;

export function open(dir, fault) {
  return {
    perform(number) {
      const fd = openSync(`${dir}/${PREFIX}${number}`, 'wx');
      writeSync(fd, encodeRecord(number, valueOf(number)));
      fsyncSync(fd);
      closeSync(fd);
      if (fault !== 'create-without-folder-fsync') syncFolder(dir);
    },
  };
}

export function read(dir) {
  const names = readdirSync(dir).filter((name) => name.startsWith(PREFIX));
  const records = names.map((name) => decodeRecord(readFileSync(`${dir}/${name}`), 0));
  return new Map(records.filter(Boolean).map(({ number, value }) => [number, value]));
}
