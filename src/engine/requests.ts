/** What an engine is asked for and what it answers: plain values, since they travel to a guest as JSON. */
import type { Loss } from '../checks/oracle/loss.ts';
import type { Verdict } from '../checks/verdict.ts';
import type { DurabilityContract } from '../stores/durability.ts';

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
  readonly sizeBytes: number;
  /** Logical block size of the recorded device: 512 or 4096. */
  readonly sectorBytes: number;
  readonly nonce: string;
  readonly setup?: readonly string[];
  readonly workload: readonly string[];
  readonly workloadTimeoutMs: number;
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
  readonly durationMs: number;
}

export interface OpenRequest extends CommandContext {
  /** The recording's folder. */
  readonly folder: string;
  readonly recordingId: string;
  readonly filesystem: string;
  readonly mountOptions: readonly string[];
  readonly sectorBytes: number;
  readonly recover?: readonly string[];
  /** Prints what the recovered store holds; the built-in invariants judge it by the recording's history. */
  readonly dump?: readonly string[];
  readonly check?: readonly string[];
  /** Path of a configuration file whose `check` is a function. */
  readonly checkModule?: string;
  readonly durability: DurabilityContract;
  /** Recover and dump a second time, and compare. */
  readonly repeatRecovery: boolean;
  readonly recoverTimeoutMs: number;
  readonly checkTimeoutMs: number;
  /** Run the file system's own checker on every state, after its journal recovery. */
  readonly fsck: boolean;
  /** Do not recover and check again a tree that was judged with the same acknowledgements. */
  readonly reuseVerdicts: boolean;
}

export interface OpenResult {
  /** How the ranges that a state changed are found. */
  readonly tracing: string;
}

export interface TryRequest {
  readonly state: string;
  readonly ackCount: number;
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

export interface ProbeResult {
  readonly kernel: string;
  readonly root: boolean;
  readonly loop: boolean;
  /** Version of the dm-log-writes target, undefined when this kernel has none. */
  readonly logWrites: string | undefined;
  readonly filesystems: readonly string[];
  /** How the engine would find what a state changed; only when asked for. */
  readonly tracing?: string;
}

export interface ProbeRequest {
  /** Try the tracers too, on a loop device. */
  readonly tracing?: boolean;
}
