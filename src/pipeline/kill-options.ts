import type { KillMoment } from '../kill/moment.ts';
import type { KillMode } from '../kill/requests.ts';
import type { StateStep } from '../stores/store.ts';

/** Everything that a series of trials can be told; commands are words with placeholders. */
export interface KillOptions {
  readonly setup?: readonly string[];
  readonly workload: readonly string[];
  readonly recover?: StateStep;
  readonly dump?: StateStep;
  readonly check?: StateStep;
  /** The configuration file that was asked for by its name. */
  readonly configFile?: string;
  /** As texts: `sync`, `group:100ms`, `cache=none`. */
  readonly durability: readonly string[];
  readonly repeatRecovery: boolean;
  readonly workloadTimeoutMs: number;
  readonly recoverTimeoutMs: number;
  readonly checkTimeoutMs: number;
  readonly mode: KillMode;
  /** Trials besides the undisturbed one. */
  readonly trials: number;
  /** Only this one; 0 is the undisturbed one. */
  readonly trial?: number;
  /** Kill then, and not at moments that are drawn. */
  readonly at?: KillMoment;
  /** From 0 to 2^31 - 1; all moments follow from it. */
  readonly seed: number;
  /** Processes of the workload at once. */
  readonly writers: number;
  /** Trials at once; undefined lets powercut choose. */
  readonly workers?: number;
  readonly fromStart: boolean;
  /** Start no further trial after this time. */
  readonly timeBudgetMs?: number;
  /** Start no further trial once this many findings are known. */
  readonly maxFindings?: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}
