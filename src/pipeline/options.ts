import type { DiskChoice } from '../engine/requests.ts';
import type { FilesystemSpec } from '../filesystems/filesystem.ts';
import { recoveryDepth } from '../replay/crash-path.ts';
import type { Shard } from '../replay/shard.ts';
import { formatStrategyChoice, type StrategyChoice } from '../replay/strategy-choice.ts';
import type { IoErrorSpec } from '../stores/io-error-spec.ts';
import type { CommandPhase, FunctionPhase, StateStep } from '../stores/store.ts';
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
  /** Kept too: steps that are functions of a configuration file. */
  readonly functions: readonly FunctionPhase[];
  readonly workloadTimeoutMs: number;
  /** Writes fail for a while. */
  readonly ioError?: IoErrorSpec;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Recordings go into a folder of their own below it. */
  readonly outFolder: string;
}

export interface ReplayOptions extends RunnerWish {
  readonly strategies: readonly StrategyChoice[];
  /** All random choices follow from it. */
  readonly seed: number;
  /** How often the power goes again while a state recovers, at each barrier of that; 0: never. */
  readonly duringRecovery: number;
  /** Try only these states. */
  readonly states?: readonly string[];
  /** Try only this part of the plan. */
  readonly shard?: Shard;
  readonly recover?: StateStep;
  readonly dump?: StateStep;
  readonly check?: StateStep;
  /** Commands that a flag names although a configuration file names another. */
  readonly overruled?: readonly CommandPhase[];
  /** The configuration file that was asked for by its name. */
  readonly configFile?: string;
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
  /** Apply ext4's journal in user space but for its last transaction, where a sample shows that it changes nothing. */
  readonly fastForward: boolean;
  /** What crash states are put on to be mounted. */
  readonly scratchDisk: DiskChoice;
  /** How many engines try states at once; undefined lets powercut choose. */
  readonly workers?: number;
  /** Budget for the scratch images of all engines together; undefined lets powercut look what is available. */
  readonly memoryBytes?: number;
  /** Start no further state after this time. */
  readonly timeBudgetMs?: number;
  /** Start no further state once this many findings are known. */
  readonly maxFindings?: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The options that say which states are tried, as they are written: `in-flight=128`, `during-recovery=1`. */
export function strategyTexts({ strategies, duringRecovery }: ReplayOptions): string[] {
  const recovery = duringRecovery > 0 ? [`during-recovery=${duringRecovery}`] : [];
  return [...strategies.map(formatStrategyChoice), ...recovery];
}

/** Whether what a recovery writes has to be recorded, and so the kernel that replays has to have dm-log-writes. */
export const recordsRecoveries = ({ duringRecovery, states = [] }: ReplayOptions): boolean =>
  duringRecovery > 0 || states.some((state) => recoveryDepth(state) > 0);
