/** The few things that all stores do with files. */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeFileSync } from 'node:fs';

/** Makes names in a folder durable: new ones, changed ones, and that there is one less. */
export function syncFolder(dir) {
  const fd = openSync(dir, 'r');
  fsyncSync(fd);
  closeSync(fd);
}

export const readIfThere = (path) => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0));

/** A file of zeros, with all of its blocks written, so that overwriting them needs no change of the file system's own. */
export const preallocate = (path, bytes) => writeFileSync(path, Buffer.alloc(bytes));
