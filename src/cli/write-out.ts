import { setImmediate } from 'node:timers/promises';
import { StepError } from '../errors.ts';

/** Kept here because process.stdout, which cannot be destroyed, forgets it at once. */
let failure: NodeJS.ErrnoException | undefined;

/** To be called first: from now on a failing standard output is noticed, and is no uncaught exception. */
export function watchOutput(): void {
  failure = undefined;
  process.stdout.on('error', (error) => (failure ??= error));
}

/** Writes to standard output and waits when it is full. @returns false when nobody reads it any more */
export async function writeOut(text: string): Promise<boolean> {
  const { stdout } = process;
  if (failure || stdout.writableEnded) return false;
  if (!stdout.write(text)) await drained(stdout);
  return failure === undefined;
}

/** A reader that has seen enough (`| head`) is no failure; a full disk is one. @throws StepError `no-output` */
export async function assertWritten(): Promise<void> {
  // The last write's error is told an event later.
  await setImmediate();
  if (!failure || failure.code === 'EPIPE') return;
  throw new StepError('no-output', `standard output could not be written: ${failure.message}`, { cause: failure });
}

/** Not events.once(), which makes an exception of an error. */
function drained(stdout: NodeJS.WriteStream): Promise<void> {
  const ends = ['drain', 'close', 'error'];
  return new Promise((resolve) => {
    const settle = (): void => {
      for (const event of ends) stdout.off(event, settle);
      resolve();
    };
    for (const event of ends) stdout.on(event, settle);
  });
}
