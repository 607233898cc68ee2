import { entryIndex, type EntryIndex } from '../units.ts';

/**
 * One possible disk content: base image, then every entry up to and including the crash point (undefined: none of the
 * log), then what else a power cut can have left of the writes around it. Which of these a disk can hold, legal-state.ts
 * says; a value of this type promises nothing yet.
 */
export interface CrashState {
  readonly crashPoint: EntryIndex | undefined;
  /** From this flush on, up to the crash point, flushes did nothing (a lying disk): what they were to write out is lost. */
  readonly lyingFrom?: EntryIndex;
  /** Discards up to the crash point that left the old content in place, ascending. Else they made zeros. */
  readonly keptDiscards?: readonly EntryIndex[];
  /** Writes that reached the disk although nothing made them, ascending. Never empty. */
  readonly survivors?: readonly Survivor[];
  /** A bit that the disk holds the wrong way round, whatever was written there. */
  readonly flip?: FlippedBit;
}

/** Where on the device: a byte from 0, and a bit of it from 0 (the least) to 7. */
export interface FlippedBit {
  readonly byte: number;
  readonly bit: number;
}

/** A write on the disk, whole or in part. */
export interface Survivor {
  readonly entry: EntryIndex;
  /** The part that is there, in log sectors from the entry's first; ascending, apart from each other. Absent: all. */
  readonly sectors?: readonly SectorSpan[];
}

/** Sectors `first` to `last`, both included. */
export interface SectorSpan {
  readonly first: number;
  readonly last: number;
}

/** Whether it is the log up to some entry and nothing else. An honest disk, cache lost or not, can be left like that. */
export function isPrefix({ lyingFrom, keptDiscards, survivors, flip }: CrashState): boolean {
  return lyingFrom === undefined && !keptDiscards && !survivors && !flip;
}

/** `base` or `p<entry>`: the state without survivors. */
export const atEntry = (entry: number | undefined): CrashState => ({
  crashPoint: entry === undefined ? undefined : entryIndex(entry),
});
