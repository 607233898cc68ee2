/**
 * A recovered file tree as a number: names, kinds, sizes, contents, modes, owners, link targets and extended attributes.
 * Two crash states whose trees agree look the same to every program that reads the store through its folder. Not part of
 * it: times, inode numbers and what the blocks look like underneath.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, constants, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { extendedAttributes } from '../host/sys/xattr.ts';

const CHUNK_BYTES = 1 << 20;
/** Looking must not change the access times that the check may see. */
const READ_WITHOUT_TRACE = constants.O_RDONLY | constants.O_NOATIME;

/**
 * @param limitBytes reading more than that would cost more than it can save
 * @returns undefined when the tree is larger than the limit, or could not be read: then nothing is known about it
 */
export function treeHash(folder: string, limitBytes: number): string | undefined {
  const hash = createHash('sha256');
  const budget = { bytes: limitBytes };
  try {
    return addTree(hash, folder, '', budget) ? hash.digest('hex') : undefined;
  } catch {
    // A damaged file system may refuse to be read; what the check makes of that is the check's business.
    return undefined;
  }
}

interface Budget {
  bytes: number;
}

/** @returns false when the budget is spent */
function addTree(hash: Hash, root: string, path: string, budget: Budget): boolean {
  const full = join(root, path);
  const stat = lstatSync(full);
  addAttributes(hash, full, path, stat);
  if (stat.isSymbolicLink()) hash.update(readlinkSync(full));
  if (stat.isFile()) return addContent(hash, full, stat.size, budget);
  if (!stat.isDirectory()) return true;
  return readdirSync(full)
    .sort()
    .every((name) => addTree(hash, root, join(path, name), budget));
}

function addAttributes(hash: Hash, full: string, path: string, stat: Stats): void {
  // A folder's size is the file system's affair.
  const size = stat.isDirectory() ? 0 : stat.size;
  hash.update(`${JSON.stringify([path, stat.mode, size, stat.uid, stat.gid, stat.nlink, stat.rdev])}\n`);
  for (const { name, value } of extendedAttributes(full))
    hash.update(`${JSON.stringify([name, value.length])}\n`).update(value);
}

function addContent(hash: Hash, full: string, sizeBytes: number, budget: Budget): boolean {
  budget.bytes -= sizeBytes;
  if (budget.bytes < 0) return false;
  const fd = openSync(full, READ_WITHOUT_TRACE);
  try {
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, Math.max(sizeBytes, 1)));
    for (let count = readSync(fd, chunk); count > 0; count = readSync(fd, chunk)) hash.update(chunk.subarray(0, count));
    return true;
  } finally {
    closeSync(fd);
  }
}
