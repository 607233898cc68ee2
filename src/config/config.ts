/** A command: one string, split into words as a shell would but without one; or the words themselves. */
export type ConfigCommand = string | readonly string[];

/** `"30s"`, `"500ms"`, `"2m"`, `"1h"`; or milliseconds. */
export type ConfigDuration = string | number;

/** What a check that is a function is told of a crash state. */
export interface RecoveredState {
  /** Where its file system is mounted. */
  readonly dir: string;
  /** Acknowledged ids, in order. */
  readonly acked: readonly string[];
  readonly count: number;
  /** The last acknowledged id; empty when there is none. */
  readonly last: string;
}

/**
 * A check that runs in powercut's engine, with no process to start. It returns nothing when the state holds, and a text
 * such as `"lost: acked 7, recovered 6"` when it is violated; what it throws makes the state unknown. It must close what
 * it opens.
 */
export type CheckFunction = (state: RecoveredState) => CheckAnswer | Promise<CheckAnswer>;
export type CheckAnswer = string | undefined | void;

/** What is written in a configuration file. All of it is optional: flags say the same, and win. */
export interface PowercutConfig {
  /** Writes to `{dir}` and prints `ack <id>` after each durable operation. */
  readonly workload?: ConfigCommand;
  /** Runs once on the fresh file system, before recording. */
  readonly setup?: ConfigCommand;
  /** The store's own recovery, run on each crash state before the check. */
  readonly recover?: ConfigCommand;
  /** Prints what the recovered store holds, one JSON line a key; the built-in invariants judge it by the history. */
  readonly dump?: ConfigCommand;
  /** Judges a crash state. */
  readonly check?: ConfigCommand | CheckFunction;
  /** File systems and mount options: `"xfs"`, `["ext4:data=ordered", "ext4:data=journal"]`. */
  readonly fs?: string | readonly string[];
  /** Size of the recorded device: `"256M"`, or bytes. */
  readonly size?: string | number;
  /** Logical block of the recorded device, bytes. */
  readonly sectorSize?: 512 | 4096;
  /** How many crash states are tried at once. */
  readonly workers?: number;
  readonly workloadTimeout?: ConfigDuration;
  readonly recoverTimeout?: ConfigDuration;
  readonly checkTimeout?: ConfigDuration;
  /** Start no further crash state after this time. */
  readonly timeBudget?: ConfigDuration;
  /** Start no further crash state once so many findings are known. */
  readonly maxFindings?: number;
  /** Hold the store to the states before it said `ready` too. */
  readonly fromStart?: boolean;
  /** Run the file system's own checker on every crash state too. */
  readonly fsck?: boolean;
  /** `false`: recover and check every state, also one whose recovered tree was judged before. */
  readonly reuse?: boolean;
  /** What the store promises of acknowledged operations: `"sync"`, `"group:100ms"`, `"none"`, `"cache=none"` for a class. */
  readonly durability?: string | readonly string[];
  /** Recover and dump every crash state twice, and compare. */
  readonly repeatRecovery?: boolean;
  /** Names of reporters. */
  readonly reporter?: readonly string[];
  /** File that receives the results as JSON. */
  readonly json?: string;
  /** Folder that receives recordings. */
  readonly out?: string;
  /** Which kernel to use: this one where it can, or a guest. */
  readonly vm?: 'auto' | 'off' | 'uml' | 'kvm' | 'tcg';
  /** Upper bound of a guest's memory: `"2G"`, or bytes. */
  readonly vmMemory?: string | number;
}

/** A configuration with its texts turned into numbers: sizes are bytes, durations milliseconds. */
export interface Config extends Omit<PowercutConfig, SizeKey | DurationKey | 'check'> {
  readonly check?: ConfigCommand;
  /** Path of the configuration file whose `check` is a function. */
  readonly checkModule?: string;
  readonly size?: number;
  readonly vmMemory?: number;
  readonly workloadTimeout?: number;
  readonly recoverTimeout?: number;
  readonly checkTimeout?: number;
  readonly timeBudget?: number;
}

type SizeKey = 'size' | 'vmMemory';
type DurationKey = 'workloadTimeout' | 'recoverTimeout' | 'checkTimeout' | 'timeBudget';

/** Gives an editor the types while a configuration file is written; returns what it is given. */
export function defineConfig(config: PowercutConfig): PowercutConfig {
  return config;
}
