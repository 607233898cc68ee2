import { StepError } from '../errors.ts';

/** Writes to standard output and waits when it is full. @returns false when nobody reads it any more */
export async function writeOut(text: string): Promise<boolean> {
  const { stdout } = process;
  if (stdout.destroyed || stdout.writableEnded) return false;
  if (!stdout.write(text)) await drained(stdout);
  return !stdout.destroyed;
}

/** A reader that has seen enough is no failure; a full disk is one. @throws StepError `no-output` */
export function assertWritten(): void {
  const error = process.stdout.errored as NodeJS.ErrnoException | null;
  if (!error || error.code === 'EPIPE') return;
  throw new StepError('no-output', `standard output could not be written: ${error.message}`, { cause: error });
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
