import { once } from 'node:events';

/** Writes to standard output and waits when it is full. @returns false when nobody reads it any more */
export async function writeOut(text: string): Promise<boolean> {
  const { stdout } = process;
  if (stdout.destroyed || stdout.writableEnded) return false;
  if (!stdout.write(text)) await Promise.race([once(stdout, 'drain'), once(stdout, 'close')]);
  return !stdout.destroyed;
}
