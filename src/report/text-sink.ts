import { messageOf } from '../errors.ts';

/** Where text goes: a stream of this process, or a test's array. */
export interface TextSink {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Width in columns, asked for at each use since a terminal can be resized. */
  columns(): number;
}

/** The part of a `tty.WriteStream` or a pipe that a sink needs. */
export interface TextStream {
  write(text: string): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const COLUMNS_WHEN_UNKNOWN = 80;

/**
 * A stream as a sink. When its reader has gone (`powercut ... | head`), the rest is dropped in silence: the verdict stands
 * in the exit status all the same. Any other failure (a full disk) is told once, for then output is missing.
 * @param note takes one line about a failed stream
 */
export function textSinkOf(stream: TextStream, note: (line: string) => void): TextSink {
  let broken = false;
  stream.on('error', (error) => {
    const isFirst = !broken;
    broken = true;
    if (isFirst && !isReaderGone(error)) note(`cannot write the report any further: ${messageOf(error)}`);
  });
  return {
    write(text: string): void {
      if (!broken) stream.write(text);
    },
    isTTY: stream.isTTY === true,
    columns: () => stream.columns ?? COLUMNS_WHEN_UNKNOWN,
  };
}

function isReaderGone(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED';
}
