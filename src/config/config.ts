import type { ConfigFunction, FunctionPhase } from '../stores/store.ts';

/** A command: one string, split into words as a shell would but without one; or the words themselves. */
export type ConfigCommand = string | readonly string[];

/** `"30s"`, `"500ms"`, `"2m"`, `"1h"`; or milliseconds. */
export type ConfigDuration = string | number;

/** What a function is told of a crash state. */
export interface RecoveredState {
  /** Where its file system is mounted; without one (`--fs raw`) the device's path. */
  readonly dir: string;
  /** Path of the device, where there is no file system. */
  readonly device?: string;
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

/**
 * A recovery that runs in powercut's engine. It returns nothing when the store is open again, and a text such as
 * `"corrupt: page 7"` when it found a violation itself; when it throws, or does not end in time, the store did not open.
 */
export type RecoverFunction = (state: RecoveredState) => CheckAnswer | Promise<CheckAnswer>;

/**
 * A dump that runs in powercut's engine: what the recovered store holds. When it throws, at the call or while its entries
 * are read, or does not end in time, the store did not open. It must close what it opens.
 */
export type DumpFunction = (state: RecoveredState) => DumpAnswer | Promise<DumpAnswer>;

/**
 * Entries in any order (an array, a Map, a generator), each key once; or an object from key to value; or the text of a
 * violation, such as `"corrupt: page 7"`.
 */
export type DumpAnswer = Iterable<DumpEntry> | AsyncIterable<DumpEntry> | Readonly<Record<string, string>> | string;

/** A pair, or the object that a line of a dump command is. */
export type DumpEntry = readonly [key: string, value: string] | { readonly key: string; readonly value: string };

/** What is written in a configuration file. All of it is optional: flags say the same, and win. */
export interface PowercutConfig {
  /** Writes to `{dir}` and prints `ack <id>` after each durable operation. */
  readonly workload?: ConfigCommand;
  /** Runs once on the fresh file system, before recording. */
  readonly setup?: ConfigCommand;
  /** The store's own recovery, run on each crash state before the check. */
  readonly recover?: ConfigCommand | RecoverFunction;
  /** Says what the recovered store holds, a command with one JSON line a key; the built-in invariants judge it by the history. */
  readonly dump?: ConfigCommand | DumpFunction;
  /** Judges a crash state. */
  readonly check?: ConfigCommand | CheckFunction;
  /** File systems with options of mount and mkfs: `"xfs"`, `["ext4:data=ordered", "ext4:mkfs.b=1024"]`. */
  readonly fs?: string | readonly string[];
  /** Size of the recorded device: `"256M"`, or bytes. */
  readonly size?: string | number;
  /** Logical block of the recorded device, bytes. */
  readonly sectorSize?: 512 | 4096;
  /** Make writes fail for a while during recording: `"writes@ack:3"`, `"writes@ack:3,200ms"`, `"writes@ack:3,end"`. */
  readonly ioError?: string;
  /** What crash states to try: `"each-barrier"`, `"in-flight=128"`, `"torn"`. */
  readonly strategies?: readonly string[];
  /** Cut the power again during recovery, so many times in a row; `true` is 1. */
  readonly duringRecovery?: boolean | number;
  /** All random choices follow from it; 0 to 2147483647. */
  readonly seed?: number;
  /** How many crash states are tried at once. */
  readonly workers?: number;
  /** Budget for the disk images of all engines together: `"2G"`, or bytes. */
  readonly memory?: string | number;
  readonly workloadTimeout?: ConfigDuration;
  readonly recoverTimeout?: ConfigDuration;
  /** Limit of check, dump and fsck, each. */
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
  /** Apply all of ext4's journal but its last transaction before the mount; verified on a sample. */
  readonly fastForward?: boolean;
  /** What crash states are mounted from: zram is faster, and for a device with 4096-byte sectors only. */
  readonly scratchDisk?: 'auto' | 'loop' | 'zram';
  /** What the store promises of acknowledged operations: `"sync"`, `"group:100ms"`, `"none"`, `"cache=none"` for a class. */
  readonly durability?: string | readonly string[];
  /** Recover and dump every crash state twice, and compare. */
  readonly repeatRecovery?: boolean;
  /** How often `powercut kill` kills the workload. */
  readonly trials?: number;
  /** How many processes of the workload `powercut kill` runs at once on one folder. */
  readonly writers?: number;
  /** Reporters: names such as `"line"`, with a file where wanted: `"junit=out.xml"`. */
  readonly reporter?: readonly string[];
  /** File that receives the results as JSON. */
  readonly json?: string;
  /** Folder that receives recordings. */
  readonly out?: string;
  /** Which kernel to use: this one where it can, or a guest. */
  readonly vm?: 'auto' | 'off' | 'uml' | 'kvm' | 'tcg';
  /** Kernel of a QEMU guest: `host`, a version, or the path of an image or of an unpacked package. */
  readonly kernel?: string;
  /** Upper bound of a guest's memory: `"2G"`, or bytes. */
  readonly vmMemory?: string | number;
}

/** A configuration with its texts turned into numbers: sizes are bytes, durations milliseconds. */
export interface Config extends Omit<PowercutConfig, SizeKey | DurationKey | FunctionPhase> {
  readonly recover?: ConfigCommand | ConfigFunction;
  readonly dump?: ConfigCommand | ConfigFunction;
  readonly check?: ConfigCommand | ConfigFunction;
  readonly size?: number;
  readonly memory?: number;
  readonly vmMemory?: number;
  readonly workloadTimeout?: number;
  readonly recoverTimeout?: number;
  readonly checkTimeout?: number;
  readonly timeBudget?: number;
}

type SizeKey = 'size' | 'memory' | 'vmMemory';
type DurationKey = 'workloadTimeout' | 'recoverTimeout' | 'checkTimeout' | 'timeBudget';

/** Gives an editor the types while a configuration file is written; returns what it is given. */
export function defineConfig(config: PowercutConfig): PowercutConfig {
  return config;
}
