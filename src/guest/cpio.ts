/** An initramfs: a cpio archive of the "newc" form (Documentation/driver-api/early-userspace/buffer-format.rst of Linux). */

/** One entry: a folder, a file, or a character device. */
export type CpioEntry =
  | { readonly path: string; readonly kind: 'folder' }
  | { readonly path: string; readonly kind: 'program'; readonly content: Uint8Array }
  | { readonly path: string; readonly kind: 'character device'; readonly major: number; readonly minor: number };

const MAGIC = '070701';
/** File type bits of inode(7), with the permissions. */
const MODE = { folder: 0o040755, program: 0o100755, 'character device': 0o020600 } as const;
const TRAILER = 'TRAILER!!!';
const ALIGNMENT_BYTES = 4;

/** @param entries a folder before what lies in it; paths without a leading slash */
export function encodeCpio(entries: readonly CpioEntry[]): Buffer {
  const parts = entries.flatMap((entry, i) => encodeEntry(entry, i + 1));
  return Buffer.concat([...parts, ...encodeRecord(TRAILER, { links: 1 })]);
}

function encodeEntry(entry: CpioEntry, inode: number): Uint8Array[] {
  const fields = { inode, mode: MODE[entry.kind], links: entry.kind === 'folder' ? 2 : 1 };
  if (entry.kind === 'program') return encodeRecord(entry.path, fields, entry.content);
  if (entry.kind === 'folder') return encodeRecord(entry.path, fields);
  return encodeRecord(entry.path, { ...fields, major: entry.major, minor: entry.minor });
}

interface Fields {
  readonly inode?: number;
  readonly mode?: number;
  readonly links: number;
  readonly major?: number;
  readonly minor?: number;
}

function encodeRecord(path: string, fields: Fields, content: Uint8Array = Buffer.alloc(0)): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const { inode = 0, mode = 0, links, major = 0, minor = 0 } = fields;
  // inode, mode, uid, gid, links, mtime, size, device (major, minor), node (major, minor), name's length, check sum
  const numbers = [inode, mode, 0, 0, links, 0, content.length, 0, 0, major, minor, name.length, 0];
  const header = Buffer.from(MAGIC + numbers.map((number) => number.toString(16).padStart(8, '0')).join(''));
  return [header, name, padding(header.length + name.length), content, padding(content.length)];
}

const padding = (bytes: number): Buffer =>
  Buffer.alloc((ALIGNMENT_BYTES - (bytes % ALIGNMENT_BYTES)) % ALIGNMENT_BYTES);
