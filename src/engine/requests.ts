/** What an engine is asked for and what it answers: plain values, since they travel to a guest as JSON. */
import type { Loss } from '../checks/oracle/loss.ts';
import type { Verdict } from '../checks/verdict.ts';
import type { Extent } from '../host/sys/file.ts';
import type { DurabilityContract } from '../stores/durability.ts';
import type { IoErrorSpec } from '../stores/io-error-spec.ts';
import type { StateStep } from '../stores/store.ts';
import type { DiskKind } from './scratch-disk.ts';

export interface CommandContext {
  /** The caller's working directory and environment, in the guest too. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface RecordRequest extends CommandContext {
  /** An empty folder that receives log, images and transcripts. */
  readonly folder: string;
  readonly filesystem: string;
  readonly mountOptions: readonly string[];
  /** Without their prefix: `b=1024`. */
  readonly mkfsOptions: readonly string[];
  readonly sizeBytes: number;
  /** Logical block size of the recorded device: 512 or 4096. */
  readonly sectorBytes: number;
  readonly nonce: string;
  readonly setup?: readonly string[];
  readonly workload: readonly string[];
  readonly workloadTimeoutMs: number;
  /** Writes fail for a while. */
  readonly ioError?: IoErrorSpec;
}

/** What came of writes that were to fail. */
export interface IoErrorResult {
  /** Writes, flushes among them, that the device answered with EIO; at least one. */
  readonly failedWrites: number;
  /** How the workload ended, when it was not well: `it exited with 1`. */
  readonly workloadEnd?: string;
}

export interface RecordResult {
  readonly kernel: string;
  /** Version of the dm-log-writes target. */
  readonly target: string;
  readonly mkfs: readonly string[];
  readonly mkfsOutput: string;
  readonly ackCount: number;
  readonly ready: boolean;
  readonly status: string;
  readonly logBytes: number;
  readonly ioError?: IoErrorResult;
  readonly durationMs: number;
}

/** What runs on the folder that a crash left, and how it is judged. */
export interface StepsRequest extends CommandContext {
  readonly recover?: StateStep;
  /** Says what the recovered store holds; the built-in invariants judge it by the recording's history. */
  readonly dump?: StateStep;
  readonly check?: StateStep;
  readonly durability: DurabilityContract;
  /** Recover and dump a second time, and compare. */
  readonly repeatRecovery: boolean;
  readonly recoverTimeoutMs: number;
  readonly checkTimeoutMs: number;
}

export interface OpenRequest extends StepsRequest {
  /** The recording's folder. */
  readonly folder: string;
  /** Where its base.img holds data: inside a guest no hole of the host's files is to be seen. */
  readonly baseExtents: readonly Extent[];
  readonly recordingId: string;
  readonly filesystem: string;
  readonly mountOptions: readonly string[];
  readonly sectorBytes: number;
  /** Run the file system's own checker on every state, after its journal recovery. */
  readonly fsck: boolean;
  /** A folder that receives the logs of recoveries of which a power cut shows a violation. */
  readonly recoveryLogs?: string;
  /** Do not recover and check again a tree that was judged with the same acknowledgements. */
  readonly reuseVerdicts: boolean;
  /** Apply committed transactions of ext4's journal, all but the last, before the kernel does. */
  readonly fastForward: FastForwardMode;
  readonly scratchDisk: DiskChoice;
  /** Other engines try states on the same kernel at the same time. */
  readonly sharesKernel?: boolean;
}

/** What a crash state is put on to be mounted; `auto`: zram where it is to be had and the blocks are its own, else loop. */
export type DiskChoice = 'auto' | DiskKind;

/** `compare`: every state is tried both ways, and told is what the plain one gave. */
export type FastForwardMode = 'off' | 'on' | 'compare';

export interface ForwardComparison {
  /** Otherwise the journal was left to the kernel, and there was nothing to compare. */
  readonly forwarded: boolean;
  /** In which way the two ways do not agree. */
  readonly difference?: string;
}

export interface OpenResult {
  /** How the ranges that a state changed are found. */
  readonly tracing: string;
  /** What crash states are put on, where that is not a loop device. */
  readonly disk?: string;
}

export interface TryRequest {
  readonly state: string;
  readonly ackCount: number;
  /**
   * Up to where the disk is rolled forward, the rest of the state being put over it; null: not at all. Never behind that
   * of the next request, and not behind the state's crash point, which it is by default.
   */
  readonly anchor?: number | null;
  /** Tell what was read of the disk. */
  readonly reads?: boolean;
}

export interface RecoveryRequest {
  /** The state that is recovered from. */
  readonly state: string;
  readonly ackCount: number;
}

/** What a power cut can leave while a state recovers. */
export interface PlannedRecovery {
  /** At each barrier of what the recovery writes, each disk once, in the order of its log. */
  readonly states: readonly { readonly state: string; readonly twins: number }[];
  /** All of them, with those that equal an earlier one or the state that is recovered from. */
  readonly planned: number;
  /** Left out since the log does not tell a block's content. */
  readonly skipped: number;
  /** Why the recovery could not be recorded. */
  readonly failure?: string;
}

export interface TriedState {
  readonly state: string;
  readonly verdict: Verdict;
  /** What the file system's own checks say, where that is not the verdict itself. */
  readonly filesystemVerdict: Verdict;
  /** Its recovered tree and acknowledgements are those of a state judged before; recover and check did not run again. */
  readonly reused: boolean;
  /** What of the acknowledged is gone, promised or not; absent when nothing is, or nobody looked. */
  readonly losses?: readonly Loss[];
  /** Everything that was read of the disk, when asked for and known. */
  readonly reads?: readonly Extent[];
  /** Its journal was applied before it was mounted, but for the last transaction. */
  readonly fastForwarded?: boolean;
  /** When the engine compares. */
  readonly comparison?: ForwardComparison;
  readonly timing: StateTiming;
}

/** Milliseconds. */
export interface StateTiming {
  readonly prepareMs: number;
  readonly mountMs: number;
  readonly recoverMs: number;
  readonly checkMs: number;
  readonly unmountMs: number;
  readonly restoreMs: number;
}

export interface FilesRequest {
  /** The log entry that the disk stands at; null: the base image. */
  readonly crashPoint: number | null;
}

/** Where the store's files are, in bytes; or the errno's name when the kernel would not mount the disk. */
export type FilesResult = PlacedFiles | { readonly failure: string };

export interface PlacedFiles {
  /** Bytes of the device that are bytes of files and that the file system's recovery does not write. Ascending. */
  readonly extents: readonly Extent[];
  /** Of all files together. */
  readonly contentBytes: number;
  /** Those without bytes of their own on the device. */
  readonly unplacedBytes: number;
  /** Those that the device does not show where the file system says that they are. */
  readonly unprovedBytes: number;
}

export interface ProbeResult {
  readonly kernel: string;
  readonly root: boolean;
  readonly loop: boolean;
  /** Version of the dm-log-writes target, undefined when this kernel has none. */
  readonly logWrites: string | undefined;
  /** Version of the dm-flakey target, which makes writes fail; only --io-error needs it. */
  readonly flakey: string | undefined;
  readonly filesystems: readonly string[];
  /** How the engine would find what a state changed; only when asked for. */
  readonly tracing?: string;
}

export interface ProbeRequest {
  /** Try the tracers too, on a loop device. */
  readonly tracing?: boolean;
}
