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

/** The places where a user's command can stand; named as in the configuration and on the command line. */
export type CommandPhase = keyof StoreCommands;

export type { CommandRun } from '../host/run-command.ts';
