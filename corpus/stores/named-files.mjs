/** A file for each key: written under another name, synced, renamed. Every third operation deletes the key before it. */
import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { syncFolder } from '../files.mjs';
import { isDeletion, keysAfter, valueOf } from '../values.mjs';

const PREFIX = 'key-';

export const model = keysAfter;

export function open(dir, fault) {
  return { perform: (number) => (isDeletion(number) ? remove(dir, number - 1, fault) : put(dir, number, fault)) };
}

function put(dir, number, fault) {
  const path = `${dir}/${PREFIX}${number}`;
  const fd = openSync(`${dir}/temporary`, 'w');
  writeSync(fd, valueOf(number));
  if (fault !== 'rename-without-fsync') fsyncSync(fd);
  closeSync(fd);
  renameSync(`${dir}/temporary`, path);
  if (fault !== 'rename-without-folder-fsync') syncFolder(dir);
}

function remove(dir, number, fault) {
  unlinkSync(`${dir}/${PREFIX}${number}`);
  if (fault !== 'unlink-without-folder-fsync') syncFolder(dir);
}

export function read(dir) {
  const names = readdirSync(dir).filter((name) => name.startsWith(PREFIX));
  return new Map(names.map((name) => [Number(name.slice(PREFIX.length)), readFileSync(`${dir}/${name}`, 'latin1')]));
}
