/**
 * One document, three blocks long, replaced by every operation. Another program syncs a file of its own on the same file system
 * now and then, and with it the file system's journal: here always while the document is being written.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { syncFolder } from '../files.mjs';
import { valueOf } from '../values.mjs';

const DOCUMENT_BYTES = 12_288;

export const model = (count) => new Map([['document', valueOf(count, DOCUMENT_BYTES)]]);

export function create(dir) {
  writeFileSync(`${dir}/document`, valueOf(0, DOCUMENT_BYTES));
}

export function open(dir, fault) {
  const neighbour = openSync(`${dir}/neighbour`, 'a');
  const document = `${dir}/document`;
  const temporary = `${dir}/temporary`;
  const inPlace = { 'truncate-in-place': 'w', 'overwrite-in-place': 'r+' }[fault];
  return {
    perform(number) {
      const fd = inPlace ? openSync(document, inPlace) : openSync(temporary, 'w');
      writeSync(fd, valueOf(number, DOCUMENT_BYTES));
      writeSync(neighbour, '.');
      fsyncSync(neighbour);
      if (fault !== 'replace-without-fsync') fsyncSync(fd);
      closeSync(fd);
      if (inPlace) return;
      renameSync(temporary, document);
      syncFolder(dir);
    },
  };
}

export const read = (dir) => new Map([['document', readFileSync(`${dir}/document`, 'latin1')]]);
