import { closeSync, fsyncSync, openSync, readdirSync, writeSync } from 'node:fs';

/** Names of the files of a store, and the few file operations that it is made of. */
export interface SegmentFile {
  /** 1 for the first. */
  readonly number: number;
  readonly name: string;
  /** Written by the fault `text-records`. */
  readonly text: boolean;
}

export const TEMPORARY_SUFFIX = '.tmp';

export function segmentFile(number: number, text: boolean): SegmentFile {
  return { number, name: `${String(number).padStart(6, '0')}${text ? '.txt' : '.log'}`, text };
}

/** The segments of a store in their order. Other files, temporary ones included, are none. */
export function listSegments(directory: string): SegmentFile[] {
  return readdirSync(directory)
    .map((name) => /^(\d{6})\.(log|txt)$/.exec(name))
    .filter((match) => match !== null)
    .map((match) => ({ number: Number(match[1]), name: match[0], text: match[2] === 'txt' }))
    .sort((left, right) => left.number - right.number);
}

/** write(2) may take less than it was given. */
export function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length;) {
    offset += writeSync(fd, bytes, offset);
  }
}

/** Makes names durable: those of files created, renamed or removed in the directory. */
export function syncDirectory(directory: string): void {
  const fd = openSync(directory, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
