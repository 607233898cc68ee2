import { FLAG } from './layout.ts';

/**
 * The rule: how each kind of entry is spelt in a log that we write ourselves, as the kernel spells it.
 *
 * Not covered: entries that no kernel writes, such as a FLUSH with data. Write the object out for those.
 */
export interface NewLogEntry {
  readonly flags: number;
  /** 0 when left out. */
  readonly sector?: number;
  /** A discard's length, in log sectors. With `data` the data's length says it. */
  readonly sectorCount?: number;
  /** A whole number of log sectors. */
  readonly data?: Uint8Array;
  readonly mark?: string;
}

export const newEntry = {
  write: (sector: number, data: Uint8Array): NewLogEntry => ({ flags: 0, sector, data }),
  fua: (sector: number, data: Uint8Array): NewLogEntry => ({ flags: FLAG.fua, sector, data }),
  flush: (): NewLogEntry => ({ flags: FLAG.flush }),
  discard: (sector: number, sectorCount: number): NewLogEntry => ({ flags: FLAG.discard, sector, sectorCount }),
  mark: (mark: string): NewLogEntry => ({ flags: FLAG.mark, mark }),
} as const;
