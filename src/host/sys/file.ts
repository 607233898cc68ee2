/** Sparse files and device nodes: lseek(2), fallocate(2), mknod(2). */
import { fstatSync } from 'node:fs';
import { call, SystemCallError } from './libc.ts';

const SEEK_END = 2;
const SEEK_DATA = 3;
const SEEK_HOLE = 4;
const FALLOC_FL_KEEP_SIZE = 1;
const FALLOC_FL_PUNCH_HOLE = 2;
const S_IFBLK = 0o060000;

export interface Extent {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** Of a file, or of a block device, whose size stat(2) does not tell. Moves the position in the open file. */
export function sizeOf(fd: number, name: string): number {
  return call('lseek', name, fd, 0, SEEK_END);
}

/** The ranges of a file that hold data, in order; a block device is one. Everything else reads as zeros. */
export function* dataExtents(fd: number, name: string): Generator<Extent> {
  if (fstatSync(fd).isBlockDevice()) {
    yield { offsetBytes: 0, lengthBytes: sizeOf(fd, name) };
    return;
  }
  for (let at = 0; ;) {
    const start = seek(fd, name, at, SEEK_DATA);
    if (start === undefined) return;
    const end = seek(fd, name, start, SEEK_HOLE);
    if (end === undefined || end <= start) return;
    yield { offsetBytes: start, lengthBytes: end - start };
    at = end;
  }
}

/**
 * Makes a range read as zeros and gives its memory back. The file keeps its size.
 * @returns false where the file system cannot do that
 */
export function punchHole(fd: number, name: string, extent: Extent): boolean {
  const mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
  try {
    call('fallocate', name, fd, mode, extent.offsetBytes, extent.lengthBytes);
    return true;
  } catch (error) {
    if (error instanceof SystemCallError && error.code === 'EOPNOTSUPP') return false;
    throw error;
  }
}

/** Moves an open file's position to its end: a reader of /dev/kmsg then sees only what comes from now on. */
export function seekToEnd(fd: number, name: string): void {
  call('lseek', name, fd, 0, SEEK_END);
}

/** A node for a block device: where /dev is a container's frozen copy, the kernel's own nodes do not show up in it. */
export function makeBlockNode(path: string, major: number, minor: number): void {
  const device = (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
  call('mknod', path, path, S_IFBLK | 0o600, device);
}

function seek(fd: number, name: string, offset: number, whence: number): number | undefined {
  try {
    return call('lseek', name, fd, offset, whence);
  } catch (error) {
    // ENXIO: no data behind this offset.
    if (error instanceof SystemCallError && error.code === 'ENXIO') return undefined;
    throw error;
  }
}
