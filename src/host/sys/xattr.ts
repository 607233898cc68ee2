/** Extended attributes of a path itself, not of what it links to: llistxattr(2), lgetxattr(2). */
import { call, SystemCallError } from './libc.ts';

const LIMIT_BYTES = 64 * 1024;

/** Name and value of each, in the order of names; none where the file system has no such thing. */
export function extendedAttributes(path: string): { readonly name: string; readonly value: Buffer }[] {
  const names = Buffer.alloc(LIMIT_BYTES);
  const length = ask(() => call('llistxattr', path, path, names, LIMIT_BYTES));
  if (length === 0) return [];
  return names
    .toString('latin1', 0, length)
    .split('\0')
    .filter(Boolean)
    .sort()
    .map((name) => ({ name, value: attribute(path, name) }));
}

function attribute(path: string, name: string): Buffer {
  const value = Buffer.alloc(LIMIT_BYTES);
  return value.subarray(
    0,
    ask(() => call('lgetxattr', path, path, name, value, LIMIT_BYTES)),
  );
}

function ask(question: () => number): number {
  try {
    return question();
  } catch (error) {
    if (error instanceof SystemCallError && (error.code === 'ENOTSUP' || error.code === 'EOPNOTSUPP')) return 0;
    throw error;
  }
}
