/**
 * Everything powercut throws on purpose. A violated invariant is never thrown: it is data (see checks/verdict.ts).
 *
 * A message says what failed, on what, why, and what to do next; the first line stands alone, detail follows below it.
 */
export class PowercutError extends Error {
  /** Stable, kebab-case; programs may match on it. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** You asked for something impossible or misspelt: exit status 64. */
export class UsageError extends PowercutError {
  constructor(message: string, options?: ErrorOptions) {
    super('usage', message, options);
  }
}

/** This machine cannot do it; the message says what would: exit status 69. */
export class UnavailableError extends PowercutError {
  constructor(message: string, options?: ErrorOptions) {
    super('unavailable', message, options);
  }
}

/** A step of ours failed, or a recording cannot be trusted: exit status 70. */
export class StepError extends PowercutError {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** Published exit statuses (README, `--help`); frozen by a test. */
export const EXIT_STATUS = {
  held: 0,
  violated: 1,
  unknown: 2,
  usage: 64,
  unavailable: 69,
  internal: 70,
  interrupted: 130,
} as const;

/** The exit status that a thrown value stands for. */
export function exitStatusOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT_STATUS.usage;
  if (error instanceof UnavailableError) return EXIT_STATUS.unavailable;
  return EXIT_STATUS.internal;
}

/** The text of any thrown value, without a stack: for messages that wrap a cause. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
