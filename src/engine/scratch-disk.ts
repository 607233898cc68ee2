/** What holds the disk of a crash state, and the block device that shows it. In memory, either way. */
import { closeSync, fsyncSync, ftruncateSync, mkdtempSync, openSync, readSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { BlockDevice } from '../host/block-device.ts';
import { attachLoop } from '../host/loop-device.ts';
import { writeAll, zeroRange } from '../host/sparse.ts';
import { dataExtents, type Extent } from '../host/sys/file.ts';
import { addZram } from '../host/zram.ts';

/**
 * `loop`: a file behind a loop device. `zram`: compressed memory that is a block device itself, for 4096-byte blocks only;
 * a request is answered where it is made and not by a kernel thread, which is what a mount waits for most.
 */
export type DiskKind = 'loop' | 'zram';

export interface DiskRequest {
  /** For files and device nodes; in memory (tmpfs). */
  readonly folder: string;
  readonly sizeBytes: number;
  /** Logical block size, 512 or 4096. */
  readonly blockBytes: number;
}

/** All zeros at first. */
export interface ScratchDisk {
  readonly device: BlockDevice;
  /** Where its content can be read. */
  readonly path: string;
  /** What is read and written here goes through the device, so that its page cache has it and a tracer sees it. */
  readonly isTraced: boolean;
  /** @returns how many bytes there were to read */
  read(target: Buffer, offsetBytes: number): number;
  write(content: Buffer, offsetBytes: number): void;
  /** Whatever is outside of them reads as zeros. */
  extents(): Iterable<Extent>;
  /** What was written is on the disk when this returns. Emptying the cache, which follows, keeps the errors of writing to itself. */
  sync(): void;
  release(): void;
}

const ZRAM_BLOCK_BYTES = 4096;
const ZEROS = Buffer.alloc(256 * 1024);

/** @throws StepError when there is no such device to be had */
export function openScratchDisk(kind: DiskKind, request: DiskRequest): ScratchDisk {
  return kind === 'zram' ? openZramDisk(request) : openLoopDisk(request);
}

/** Why no such device can stand for a disk with these blocks; undefined: it can. */
export const zramBlocksObstacle = (blockBytes: number): string | undefined =>
  blockBytes === ZRAM_BLOCK_BYTES
    ? undefined
    : `it has blocks of ${ZRAM_BLOCK_BYTES} bytes, the recorded disk ${blockBytes}`;

function openLoopDisk({ folder, sizeBytes, blockBytes }: DiskRequest): ScratchDisk {
  const own = mkdtempSync(join(folder, 'scratch-'));
  const path = join(own, 'disk.img');
  const fd = openSync(path, 'wx+', 0o600);
  const removeFile = (): void => {
    closeSync(fd);
    unlinkSync(path);
    rmdirSync(own);
  };
  try {
    ftruncateSync(fd, sizeBytes);
    const device = attachLoop(path, own, blockBytes);
    return {
      device,
      path,
      isTraced: false,
      read: (target, offsetBytes) => readSync(fd, target, 0, target.length, offsetBytes),
      // Zeros become a hole, so that the file does not grow with what passing states have put where nothing was.
      write: (content, offsetBytes) => {
        if (isZero(content)) zeroRange(fd, path, offsetBytes, content.length);
        else writeAll(fd, content, offsetBytes);
      },
      extents: () => dataExtents(fd, path),
      sync: () => undefined,
      release: () => {
        device.release();
        removeFile();
      },
    };
  } catch (error) {
    removeFile();
    throw error;
  }
}

/** It keeps no memory for a page of zeros. */
function openZramDisk({ folder, sizeBytes }: DiskRequest): ScratchDisk {
  const device = addZram(sizeBytes, folder);
  const { fd, path } = device;
  return {
    device,
    path,
    isTraced: true,
    read: (target, offsetBytes) => readSync(fd, target, 0, target.length, offsetBytes),
    write: (content, offsetBytes) => writeAll(fd, content, offsetBytes),
    extents: () => dataExtents(fd, path),
    sync: () => fsyncSync(fd),
    release: () => device.release(),
  };
}

const isZero = (content: Buffer): boolean => content.equals(ZEROS.subarray(0, content.length));
