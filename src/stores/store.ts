/**
 * The store under test as powercut sees it: up to five commands in any language. Each is an argv array, since no shell
 * is ever between powercut and a command. Placeholders (`{dir}`, ...) are still in the words.
 */
export interface StoreCommands {
  /** Runs once on the mounted file system before recording starts. */
  readonly setup?: readonly string[];
  /** Runs while recording; prints `ack <id>` after each operation that its store reported durable. */
  readonly workload: readonly string[];
  /** Runs on every crash state, before the check. */
  readonly recover?: readonly string[];
  /** Runs on every crash state after recovery; prints what the store holds, one JSON line a key. */
  readonly dump?: readonly string[];
  /** Runs on every crash state; says whether the store kept its promises. */
  readonly check?: readonly string[];
}

/** What the user's code runs as on a crash state: the words of a command, or a function of a configuration file. */
export type StateStep = readonly string[] | ConfigFunction;

/** The function of that name in a configuration file; the engine loads it, being another process, or in a guest. */
export interface ConfigFunction {
  /** Path of the file. */
  readonly module: string;
}

export const isFunction = (step: StateStep | undefined): step is ConfigFunction =>
  step !== undefined && 'module' in step;

/** The words of a step that is a command. */
export const wordsOf = (step: StateStep | undefined): readonly string[] | undefined =>
  isFunction(step) ? undefined : step;

/** What can be a function. */
export type FunctionPhase = 'recover' | 'dump' | 'check';
export const FUNCTION_PHASES: readonly FunctionPhase[] = ['recover', 'dump', 'check'];

/** The places where a user's command can stand; named as in the configuration and on the command line. */
export type CommandPhase = keyof StoreCommands;
export const COMMAND_PHASES: readonly CommandPhase[] = ['setup', 'workload', 'recover', 'dump', 'check'];

export type { CommandRun } from '../host/run-command.ts';
