/**
 * Where the bytes of a mounted file system's files are on its device. The file system is asked, and not believed: its
 * answer counts where file and device show the same content (btrfs answers in an address space of its own).
 */
import { createHash } from 'node:crypto';
import { closeSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Extent } from '../host/sys/file.ts';
import { mappedExtents, type MappedExtent } from '../host/sys/fiemap.ts';
import { SystemCallError } from '../host/sys/libc.ts';
import { mergeExtents } from '../tracer/range-collector.ts';

const BLOCK_BYTES = 4096;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/** Bytes of files that are proved to stand at a place of the device; and how many are not. */
export interface FilePlaces {
  readonly blocks: readonly PlacedBlock[];
  /** Of all files together. */
  readonly contentBytes: number;
  /** Without bytes of their own on the device as they are read: holes, in an inode, compressed, shared. */
  readonly unplacedBytes: number;
  /** The device shows something else at the place that the file system says, or zeros, which prove nothing. */
  readonly unprovedBytes: number;
}

interface PlacedBlock extends Extent {
  readonly digest: string;
}

/** @param image the file behind the mounted device */
export function placeFiles(folder: string, image: string): FilePlaces {
  const device = openSync(image, 'r');
  try {
    const blocks: PlacedBlock[] = [];
    const bytes = { content: 0, unplaced: 0, unproved: 0 };
    for (const { path, sizeBytes } of regularFiles(folder)) {
      bytes.content += sizeBytes;
      bytes.unplaced += sizeBytes;
      for (const { lengthBytes, proved } of extentsIn(path, sizeBytes, device)) {
        bytes.unplaced -= lengthBytes;
        if (proved) blocks.push(...proved);
        else bytes.unproved += lengthBytes;
      }
    }
    return { blocks, contentBytes: bytes.content, unplacedBytes: bytes.unplaced, unprovedBytes: bytes.unproved };
  } finally {
    closeSync(device);
  }
}

/**
 * Of these blocks those that had the same content already before the file system's recovery, and that it did not write.
 * @param image holds the disk as it was before
 * @param written what was written since
 * @returns ascending, joined where they touch
 */
export function placesBefore({ blocks }: FilePlaces, image: string, written: readonly Extent[]): Extent[] {
  const device = openSync(image, 'r');
  try {
    const ascending = blocks.toSorted((a, b) => a.offsetBytes - b.offsetBytes);
    return mergeExtents(
      outside(ascending, written).filter((block) => digestOf(contentAt(device, block)) === block.digest),
    );
  } finally {
    closeSync(device);
  }
}

/** Exported for its test. Both ascend. */
export function outside<Block extends Extent>(blocks: readonly Block[], others: readonly Extent[]): Block[] {
  let at = 0;
  return blocks.filter(({ offsetBytes, lengthBytes }) => {
    while (at < others.length && others[at]!.offsetBytes + others[at]!.lengthBytes <= offsetBytes) at++;
    return at === others.length || others[at]!.offsetBytes >= offsetBytes + lengthBytes;
  });
}

interface FoundFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/** A file with several names comes once. */
function* regularFiles(folder: string, seen = new Set<number>()): Generator<FoundFile> {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    const stat = lstatSync(path);
    if (stat.isDirectory()) yield* regularFiles(path, seen);
    if (!stat.isFile() || seen.has(stat.ino)) continue;
    seen.add(stat.ino);
    yield { path, sizeBytes: stat.size };
  }
}

/** The plain extents of one file; `proved` is absent when the device shows something else there. */
function* extentsIn(
  path: string,
  sizeBytes: number,
  device: number,
): Generator<{ lengthBytes: number; proved: PlacedBlock[] | undefined }> {
  const file = openSync(path, 'r');
  try {
    for (const extent of mapOf(file, path)) {
      const lengthBytes = Math.min(extent.lengthBytes, sizeBytes - extent.fileOffsetBytes);
      if (!extent.isPlain || lengthBytes <= 0) continue;
      yield { lengthBytes, proved: prove(file, device, { ...extent, lengthBytes }) };
    }
  } finally {
    closeSync(file);
  }
}

function mapOf(file: number, path: string): MappedExtent[] {
  try {
    return [...mappedExtents(file, path)];
  } catch (error) {
    if (error instanceof SystemCallError && error.code === 'EOPNOTSUPP') return [];
    throw error;
  }
}

function prove(file: number, device: number, extent: MappedExtent): PlacedBlock[] | undefined {
  const blocks: PlacedBlock[] = [];
  let isTelling = false;
  for (let done = 0; done < extent.lengthBytes; done += BLOCK_BYTES) {
    const lengthBytes = Math.min(BLOCK_BYTES, extent.lengthBytes - done);
    const content = contentAt(file, { offsetBytes: extent.fileOffsetBytes + done, lengthBytes });
    const place = { offsetBytes: extent.deviceOffsetBytes + done, lengthBytes };
    if (content.length < lengthBytes || !content.equals(contentAt(device, place))) return undefined;
    isTelling ||= !content.equals(ZEROS.subarray(0, lengthBytes));
    blocks.push({ ...place, digest: digestOf(content) });
  }
  return isTelling ? blocks : undefined;
}

/** Shorter where the file ends. */
function contentAt(fd: number, { offsetBytes, lengthBytes }: Extent): Buffer {
  const content = Buffer.alloc(lengthBytes);
  return content.subarray(0, readSync(fd, content, 0, lengthBytes, offsetBytes));
}

const digestOf = (content: Buffer): string => createHash('sha256').update(content).digest('base64');
