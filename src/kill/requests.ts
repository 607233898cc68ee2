/** What an engine that kills is asked for and what it answers: plain values, since they travel as JSON. */
import type { Loss } from '../checks/oracle/loss.ts';
import type { Verdict } from '../checks/verdict.ts';
import type { StepsRequest } from '../engine/requests.ts';
import type { KillMoment, Measured } from './moment.ts';

/**
 * `kill`: SIGKILL, and the store recovers where it stands. `stop`: SIGSTOP, its folder is copied, SIGCONT; it goes on to
 * its end, and both the copy and the end are judged.
 */
export const KILL_MODES = ['kill', 'stop'] as const;
export type KillMode = (typeof KILL_MODES)[number];

export interface OpenKillRequest extends StepsRequest {
  readonly setup?: readonly string[];
  readonly workload: readonly string[];
  readonly workloadTimeoutMs: number;
  /** Processes of the workload at once. */
  readonly writers: number;
  readonly mode: KillMode;
  /** Also before every writer was ready. */
  readonly fromStart: boolean;
}

export interface TryKillRequest {
  readonly trial: number;
  /** The trial's own, given to the workload. */
  readonly seed: number;
  /** Undefined: nothing is killed, and the run is measured. */
  readonly moment?: KillMoment;
}

export interface TriedKill {
  readonly verdict: Verdict;
  /** What of the acknowledged is gone, promised or not; absent when nobody looked. */
  readonly losses?: readonly Loss[];
  /** Acknowledgements that count. */
  readonly acked: number;
  /** False: the workload ended before the moment came. */
  readonly killed: boolean;
  /** Present when nothing was to be killed. */
  readonly measured?: Measured;
}
