import type { FilesystemSpec } from '../filesystems/filesystem.ts';
import type { StrategyName } from '../replay/strategies/registry.ts';
import type { RunnerWish } from './runner.ts';

/** Everything that a run can be told, from flags and configuration alike; commands are words with placeholders. */
export interface RecordOptions extends RunnerWish {
  readonly filesystem: FilesystemSpec;
  readonly sizeBytes: number;
  readonly sectorBytes: number;
  readonly setup?: readonly string[];
  readonly workload: readonly string[];
  /** Kept in the manifest, so that a recording can be replayed without naming them again. */
  readonly recover?: readonly string[];
  readonly dump?: readonly string[];
  readonly check?: readonly string[];
  readonly workloadTimeoutMs: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Recordings go into a folder of their own below it. */
  readonly outFolder: string;
}

export interface ReplayOptions extends RunnerWish {
  readonly strategies: readonly StrategyName[];
  /** Try only these states. */
  readonly states?: readonly string[];
  readonly recover?: readonly string[];
  readonly dump?: readonly string[];
  readonly check?: readonly string[];
  /** Path of a configuration file whose `check` is a function; then there is no command. */
  readonly checkModule?: string;
  /** What the store promises of acknowledged operations, as texts: `sync`, `group:100ms`, `cache=none`. */
  readonly durability: readonly string[];
  /** Recover and dump every state twice. */
  readonly repeatRecovery: boolean;
  readonly recoverTimeoutMs: number;
  readonly checkTimeoutMs: number;
  readonly fromStart: boolean;
  readonly fsck: boolean;
  /** Do not recover and check a tree again that was judged with the same acknowledgements. */
  readonly reuseVerdicts: boolean;
  /** How many engines try states at once; undefined lets powercut choose. */
  readonly workers?: number;
  /** Start no further state after this time. */
  readonly timeBudgetMs?: number;
  /** Start no further state once this many findings are known. */
  readonly maxFindings?: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}
