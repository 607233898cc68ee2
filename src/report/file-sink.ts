import { closeSync, openSync, writeFileSync } from 'node:fs';
import type { TextSink } from './text-sink.ts';

export interface FileSink extends TextSink {
  close(): void;
}

/** Nothing wraps in a file. */
const COLUMNS = 10_000;

/**
 * A file as a sink. It is emptied at once, so that what an earlier run left there cannot be taken for this one's. Each text
 * is in the file when `write` returns: a run that is killed leaves what it had to say.
 *
 * @throws what the system says; from `write` too, so that a reporter whose file is full fails by itself
 */
export function openFileSink(path: string): FileSink {
  let fd: number | undefined = openSync(path, 'w');
  return {
    write(text: string): void {
      if (fd !== undefined) writeFileSync(fd, text);
    },
    isTTY: false,
    columns: () => COLUMNS,
    close(): void {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}
