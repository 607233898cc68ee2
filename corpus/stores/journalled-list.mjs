/** A list, and a journal of what is to be appended to it. Settling, which recovery does too, appends it and empties the journal. */
import { closeSync, fdatasyncSync, fsyncSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { readIfThere } from '../files.mjs';
import { decodeRecords, encodeRecord } from '../record.mjs';
import { recordsAfter, valueOf } from '../values.mjs';

const SETTLE_EVERY = 3;

export const model = recordsAfter;

export function create(dir) {
  for (const name of ['list', 'journal']) closeSync(openSync(`${dir}/${name}`, 'a'));
}

export function open(dir, fault) {
  const journal = openSync(`${dir}/journal`, 'a');
  return {
    perform(number) {
      writeSync(journal, encodeRecord(number, valueOf(number)));
      fdatasyncSync(journal);
      if (number % SETTLE_EVERY === 0) settle(dir, fault === 'recovery-not-durable' ? undefined : fault);
    },
  };
}

export const recover = (dir, fault) => settle(dir, fault);

function settle(dir, fault) {
  const journal = openSync(`${dir}/journal`, 'r+');
  const { records } = decodeRecords(readIfThere(`${dir}/journal`));
  const { records: settled, goodBytes } = decodeRecords(readIfThere(`${dir}/list`));
  const last = settled.at(-1)?.number ?? 0;
  const open = records.filter(({ number }) => fault === 'recovery-not-repeatable' || number > last);
  const bytes = Buffer.concat(open.map(({ number, value }) => encodeRecord(number, value)));
  const list = openSync(`${dir}/list`, 'r+');
  ftruncateSync(list, goodBytes);
  writeSync(list, bytes, 0, bytes.length, goodBytes);
  if (fault !== 'recovery-not-durable') fsyncSync(list);
  ftruncateSync(journal, 0);
  fsyncSync(journal);
  closeSync(list);
  closeSync(journal);
}

export function read(dir) {
  const { records } = decodeRecords(readIfThere(`${dir}/list`));
  const found = new Map();
  for (const { number, value } of records) found.set(found.has(number) ? `${number}, again` : number, value);
  return found;
}
