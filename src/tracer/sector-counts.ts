import { closeSync, openSync, readSync } from 'node:fs';
import type { DeviceNumber } from './tracer.ts';

/** Words of Documentation/block/stat.rst. They count what was completed, in units of 512 bytes whatever the device. */
const READ_SECTORS = 2;
const WRITE_SECTORS = 6;
const IN_FLIGHT = 8;
const DISCARD_SECTORS = 13;
const SECTOR_BYTES = 512;
const STAT_BYTES = 512;

/** What is complete, in bytes, and how many requests are not. */
export interface DeviceCounts {
  readonly read: number;
  /** Written, discarded, zeroed. */
  readonly written: number;
  /** Requests that the driver has and has not completed yet. */
  readonly inFlight: number;
}

/** The kernel's own statistics of a block device. */
export class SectorCounts {
  readonly #fd: number;
  readonly #text = Buffer.alloc(STAT_BYTES);

  constructor({ major, minor }: DeviceNumber) {
    this.#fd = openSync(`/sys/dev/block/${major}:${minor}/stat`, 'r');
  }

  /** Since the device exists. */
  read(): DeviceCounts {
    const length = readSync(this.#fd, this.#text, 0, STAT_BYTES, 0);
    return parseStat(this.#text.toString('latin1', 0, length));
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Kernels before 4.18 count no discards; they are not among the supported. */
export function parseStat(text: string): DeviceCounts {
  const words = text.trim().split(/\s+/).map(Number);
  const bytes = (word: number): number => (words[word] ?? Number.NaN) * SECTOR_BYTES;
  return {
    read: bytes(READ_SECTORS),
    written: bytes(WRITE_SECTORS) + bytes(DISCARD_SECTORS),
    inFlight: words[IN_FLIGHT] ?? Number.NaN,
  };
}
