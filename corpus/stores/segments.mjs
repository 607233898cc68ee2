/**
 * A log in segments, of which later ones count more. Every third operation deletes a key, with a tombstone. After every fourth the
 * segments are merged: a new one is begun, the others become one under the name of the newest of them, the older ones go.
 */
import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { syncFolder } from '../files.mjs';
import { decodeRecords, encodeRecord } from '../record.mjs';
import { isDeletion, keysAfter, valueOf } from '../values.mjs';

const PREFIX = 'segment-';
const MERGE_EVERY = 4;

export const model = keysAfter;

export function open(dir, fault) {
  let number = 1;
  let fd = begin(dir, number);
  return {
    perform(operation) {
      const deletion = isDeletion(operation);
      const record = deletion ? encodeRecord(operation - 1) : encodeRecord(operation, valueOf(operation));
      writeSync(fd, record);
      fsyncSync(fd);
      if (operation % MERGE_EVERY !== 0) return;
      const newest = number;
      if (fault !== 'compaction-drops') fd = begin(dir, ++number);
      merge(dir, newest, fault);
    },
  };
}

function begin(dir, number) {
  const fd = openSync(`${dir}/${PREFIX}${number}`, 'a');
  syncFolder(dir);
  return fd;
}

function merge(dir, newest, fault) {
  const merged = segments(dir).filter((number) => number <= newest);
  const keys = contentOf(dir, merged);
  const kept = [...keys].filter(([, value]) => value !== undefined || fault !== 'tombstone-lost');
  const fd = openSync(`${dir}/merging`, 'w');
  writeSync(fd, Buffer.concat(kept.map(([key, value]) => encodeRecord(key, value))));
  fsyncSync(fd);
  closeSync(fd);
  renameSync(`${dir}/merging`, `${dir}/${PREFIX}${newest}`);
  syncFolder(dir);
  for (const older of merged) if (older !== newest) unlinkSync(`${dir}/${PREFIX}${older}`);
  syncFolder(dir);
}

function segments(dir) {
  const names = readdirSync(dir).filter((name) => name.startsWith(PREFIX));
  return names.map((name) => Number(name.slice(PREFIX.length))).sort((a, b) => a - b);
}

function contentOf(dir, numbers) {
  const records = numbers.flatMap((each) => decodeRecords(readFileSync(`${dir}/${PREFIX}${each}`)).records);
  return new Map(records.map(({ number, value }) => [number, value]));
}

export function read(dir) {
  return new Map([...contentOf(dir, segments(dir))].filter(([, value]) => value !== undefined));
}
