/** Both programs end with these when they cannot do their work; sysexits.h. A check's 1 means: violated. */
export const EXIT_USAGE = 64;
export const EXIT_INTERNAL = 70;

/** Wrong arguments; the message says which. */
export class ArgumentError extends Error {}

export function parseCount(text: string, minimum: number): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(count) && count >= minimum) return count;
  throw new ArgumentError(`"${text}" is no count: expected a whole number of at least ${minimum}`);
}

/**
 * Runs a program's body and ends the process with its exit status. Without this, an exception in a check would end in
 * Node's own exit status for it, which is 1, and so in a false alarm.
 */
export function runMain(usage: string, main: () => number): never {
  try {
    process.exit(main());
  } catch (error) {
    const wrongArguments = error instanceof ArgumentError || isParseArgsError(error);
    process.stderr.write(wrongArguments ? `${error.message}\nusage: ${usage}\n` : `${(error as Error).stack}\n`);
    process.exit(wrongArguments ? EXIT_USAGE : EXIT_INTERNAL);
  }
}

function isParseArgsError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}
