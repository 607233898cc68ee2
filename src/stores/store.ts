/**
 * The store under test as powercut sees it: up to four commands in any language. Each is an argv array, since no shell
 * is ever between powercut and a command. Placeholders (`{dir}`, ...) are still in the words.
 */
export interface StoreCommands {
  /** Runs once on the mounted file system before recording starts. */
  readonly setup?: readonly string[];
  /** Runs while recording; prints `ack <id>` after each operation that its store reported durable. */
  readonly workload: readonly string[];
  /** Runs on every crash state, before the check. */
  readonly recover?: readonly string[];
  /** Runs on every crash state; says whether the store kept its promises. */
  readonly check?: readonly string[];
}

/** The places where a user's command can stand; named as in the configuration and on the command line. */
export type CommandPhase = keyof StoreCommands;

/** How one command ended. */
export interface CommandRun {
  /** null when a signal ended it, or when it never started. */
  readonly exitStatus: number | null;
  /** Name of the signal that ended it (`SIGSEGV`), null when none did. */
  readonly signal: string | null;
  /** It was still running at its limit, and was killed for it. */
  readonly timedOut: boolean;
  /** Its limit, milliseconds. */
  readonly timeoutMs: number;
  /** Standard output; the caller bounds it, so the end may be missing. */
  readonly stdout: string;
  /** Standard error; the caller bounds it, so the beginning may be missing. */
  readonly stderr: string;
}

/** What the store had reported durable by a crash point. */
export interface Acknowledged {
  /** In the order of the log. An id may stand more than once if the workload acknowledged it more than once. */
  readonly ids: readonly string[];
}
