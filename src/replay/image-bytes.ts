import { closeSync, fstatSync, openSync } from 'node:fs';
import { dataBytes, type LogIndex } from '../dmlog/log-index.ts';
import { dataExtents } from '../host/sys/file.ts';

const BLOCK_BYTES = 4096;

/**
 * The most that the image of any crash state can hold: the base's data and every block that the log writes, each counted
 * once. What recovery and a check write on top is not in it.
 * @returns bytes
 */
export function largestImageBytes(base: string, index: LogIndex): number {
  const fd = openSync(base, 'r');
  try {
    const blocks = new BlockSet(fstatSync(fd).size);
    for (const { offsetBytes, lengthBytes } of dataExtents(fd, base)) blocks.add(offsetBytes, lengthBytes);
    for (let entry = 0; entry < index.entryCount; entry++) {
      blocks.add(index.sectors[entry]! * index.sectorBytes, dataBytes(index, entry));
    }
    return blocks.size * BLOCK_BYTES;
  } finally {
    closeSync(fd);
  }
}

/** One bit for each block of the device, since a log may write the same ones a thousand times. */
class BlockSet {
  readonly #bits: Uint8Array;
  size = 0;

  constructor(deviceBytes: number) {
    this.#bits = new Uint8Array(Math.ceil(deviceBytes / BLOCK_BYTES / 8));
  }

  add(offsetBytes: number, lengthBytes: number): void {
    const end = Math.ceil((offsetBytes + lengthBytes) / BLOCK_BYTES);
    for (let block = Math.floor(offsetBytes / BLOCK_BYTES); lengthBytes > 0 && block < end; block++) {
      const mask = 1 << (block & 7);
      if (this.#bits[block >> 3]! & mask) continue;
      this.#bits[block >> 3]! |= mask;
      this.size++;
    }
  }
}
