/** Sparse images: only blocks that are not all zero are stored, copied and hashed. */
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { dataExtents, punchHole, sizeOf, type Extent } from './sys/file.ts';

const BLOCK_BYTES = 4096;
const CHUNK_BYTES = 1 << 20;
const ZEROS = Buffer.alloc(CHUNK_BYTES);

/** The ranges of a file that hold data, in order. */
export function extentsOf(path: string): Extent[] {
  const fd = openSync(path, 'r');
  try {
    return [...dataExtents(fd, path)];
  } finally {
    closeSync(fd);
  }
}

/**
 * Copies an image; zero blocks become holes. The target is created or replaced, and is on its device afterwards.
 * @param extents where the source holds data, for one that does not show its holes (in a guest no file of the host's does)
 */
export function copySparse(source: string, target: string, extents?: Iterable<Extent>): void {
  const from = openSync(source, 'r');
  try {
    const to = openSync(target, 'w+', 0o644);
    try {
      ftruncateSync(to, sizeOf(from, source));
      for (const { offsetBytes, bytes } of nonZeroRuns(from, source, extents)) writeAll(to, bytes, offsetBytes);
      fsyncSync(to);
    } finally {
      closeSync(to);
    }
  } finally {
    closeSync(from);
  }
}

/**
 * sha256 over the image's non-zero 4096-byte blocks in order, each preceded by its block number (u64, little-endian), and
 * at last the image's size (u64): the same for every way to lay the same content out in extents and holes.
 */
export function sparseSha256(path: string): string {
  const fd = openSync(path, 'r');
  try {
    const hash = createHash('sha256');
    const number = Buffer.alloc(8);
    for (const { offsetBytes, bytes } of nonZeroRuns(fd, path)) {
      for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
        number.writeBigUInt64LE(BigInt((offsetBytes + at) / BLOCK_BYTES));
        hash.update(number).update(bytes.subarray(at, at + BLOCK_BYTES));
      }
    }
    number.writeBigUInt64LE(BigInt(sizeOf(fd, path)));
    return hash.update(number).digest('hex');
  } finally {
    closeSync(fd);
  }
}

/** Runs of blocks that are not all zero, each at most 1 MiB; `bytes` is valid until the next run is asked for. */
export function* nonZeroRuns(
  fd: number,
  name: string,
  extents: Iterable<Extent> = dataExtents(fd, name),
): Generator<{ offsetBytes: number; bytes: Buffer }> {
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let read = 0;
  for (const extent of extents) {
    const end = extent.offsetBytes + extent.lengthBytes;
    // Two extents may share a block at a boundary that is not block-aligned; no block is to be seen twice.
    for (let at = Math.max(read, floorToBlock(extent.offsetBytes)); at < end; at += CHUNK_BYTES) {
      const bytes = buffer.subarray(0, Math.min(CHUNK_BYTES, ceilToBlock(end) - at));
      const count = readSync(fd, bytes, 0, bytes.length, at);
      yield* splitAtZeros(bytes.subarray(0, count), at);
      read = at + bytes.length;
    }
  }
}

function* splitAtZeros(bytes: Buffer, offsetBytes: number): Generator<{ offsetBytes: number; bytes: Buffer }> {
  let start = -1;
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const end = Math.min(at + BLOCK_BYTES, bytes.length);
    const zero = bytes.compare(ZEROS, 0, end - at, at, end) === 0;
    if (!zero && start < 0) start = at;
    if (zero && start >= 0) {
      yield { offsetBytes: offsetBytes + start, bytes: bytes.subarray(start, at) };
      start = -1;
    }
  }
  if (start >= 0) yield { offsetBytes: offsetBytes + start, bytes: bytes.subarray(start) };
}

const floorToBlock = (bytes: number): number => bytes - (bytes % BLOCK_BYTES);
const ceilToBlock = (bytes: number): number => floorToBlock(bytes + BLOCK_BYTES - 1);

/** Makes a range read as zeros: a hole where the file system can, written zeros where it cannot. */
export function zeroRange(fd: number, name: string, offsetBytes: number, lengthBytes: number): void {
  if (lengthBytes === 0 || punchHole(fd, name, { offsetBytes, lengthBytes })) return;
  for (let done = 0; done < lengthBytes; done += CHUNK_BYTES) {
    writeAll(fd, ZEROS.subarray(0, Math.min(CHUNK_BYTES, lengthBytes - done)), offsetBytes + done);
  }
}

/** write(2) until everything is written. */
export function writeAll(fd: number, bytes: Uint8Array, offsetBytes: number): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(fd, bytes, done, bytes.length - done, offsetBytes + done);
  }
}
