/** Writes to standard output and waits until it is out. @returns false when nobody reads it any more */
export function writeOut(text: string): Promise<boolean> {
  const { stdout } = process;
  if (stdout.destroyed || stdout.writableEnded) return Promise.resolve(false);
  // The error comes as an event, too, which is for those who write without looking back.
  return new Promise((resolve) => stdout.write(text, (error) => resolve(!error)));
}
