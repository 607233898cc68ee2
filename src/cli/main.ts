import { CommanderError } from 'commander';
import { EXIT_STATUS, exitStatusOf, PowercutError } from '../errors.ts';
import { Interrupted, listenForSignals } from './interrupt.ts';
import { createProgram } from './program.ts';
import { assertWritten } from './write-out.ts';

/** Runs the command line. @returns the exit status; never throws */
export async function main(argv: readonly string[]): Promise<number> {
  // A reader that has seen enough (`| head`) closes the pipe: no reason for a stack trace.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const signals = listenForSignals();
  let status: number = EXIT_STATUS.held;
  const program = createProgram({ signal: signals.signal, setStatus: (value) => (status = value) });
  try {
    await program.parseAsync(argv, { from: 'user' });
    assertWritten();
    return status;
  } catch (error) {
    return report(error);
  } finally {
    signals.stop();
  }
}

function report(error: unknown): number {
  // Commander has said it already; help and version end with 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_STATUS.held : EXIT_STATUS.usage;
  if (error instanceof Interrupted) {
    process.stderr.write(`powercut: ${error.message}\n`);
    return EXIT_STATUS.interrupted;
  }
  const text = error instanceof PowercutError ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`powercut: ${text}\n`);
  return exitStatusOf(error);
}
