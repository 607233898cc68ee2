/**
 * What the contract is for: while a crash state is mounted, recovered, checked and unmounted, its scratch image changes.
 * A tracer names the ranges that did, so that only those are put back. A range that it fails to name would stay in every
 * later state, so it must rather say that it cannot tell.
 */
import type { Extent } from '../host/sys/file.ts';

export type TracerKind = 'bpf' | 'tracefs' | 'compare';

export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
}

/** Requests of one direction, as they were handed to the block layer. */
export interface TracedRanges {
  /** Bytes of the device; sorted, neither overlapping nor touching each other. */
  readonly extents: readonly Extent[];
  /** The sum of the requests' lengths, so what was requested twice counts twice. */
  readonly requestedBytes: number;
}

/** `undefined`: cannot tell. */
export interface Trace {
  /** Written, discarded, zeroed. */
  readonly written: TracedRanges | undefined;
  /** Read from the device, whether or not it had been written before. What the page cache answered was read earlier. */
  readonly read: TracedRanges | undefined;
}

export interface BlockTracer {
  readonly kind: TracerKind;
  /** From now on it is about this device, and about it only. */
  start(device: DeviceNumber): void;
  /**
   * What was requested since `start` or the last `collect`. To be called when the device is at rest and its page cache
   * flushed (BLKFLSBUF): what is not requested yet is in no trace.
   */
  collect(): Trace;
  /** Lets go of everything; the tracer is of no use then. */
  close(): void;
}

export const CANNOT_TELL: Trace = { written: undefined, read: undefined };
