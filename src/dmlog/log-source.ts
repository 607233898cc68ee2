import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { messageOf, UsageError } from '../errors.ts';
import { badLog } from './bad-log.ts';
import { ReadWindow } from './read-window.ts';

/**
 * The rule: a log is read at random, synchronously and exactly: a read fills the whole buffer or throws. Reading is
 * synchronous because a walk makes millions of tiny reads, nearly all of which end in memory.
 *
 * Not covered: logs that still grow, and block devices. The kernel writes the log around the page cache, so that reads of
 * a live log device are stale; read the file behind the loop device, after the dm device was removed.
 */
export interface LogSource {
  /** For messages. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Fills `buffer` from `offsetBytes` on. @throws StepError `bad-log` when the log has not that many bytes. */
  read(buffer: Uint8Array, offsetBytes: number): void;
}

export interface LogFile extends LogSource {
  /** May be called twice. */
  close(): void;
}

/** @throws UsageError when it cannot be opened or is no regular file. */
export function openLogFile(path: string): LogFile {
  const descriptor = openRegularFile(path);
  const sizeBytes = fstatSync(descriptor).size;
  const window = new ReadWindow(sizeBytes, (buffer, offsetBytes) => readExactly(path, descriptor, buffer, offsetBytes));
  let isOpen = true;
  return {
    path,
    sizeBytes,
    read(buffer, offsetBytes) {
      demandInside(path, sizeBytes, buffer.length, offsetBytes);
      window.read(buffer, offsetBytes);
    },
    close() {
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}

/** A log that is in memory already. */
export function logInMemory(bytes: Uint8Array, path = '(in memory)'): LogSource {
  return {
    path,
    sizeBytes: bytes.length,
    read(buffer, offsetBytes) {
      demandInside(path, bytes.length, buffer.length, offsetBytes);
      buffer.set(bytes.subarray(offsetBytes, offsetBytes + buffer.length));
    },
  };
}

function openRegularFile(path: string): number {
  // Without O_NONBLOCK, opening a named pipe waits for a writer, for ever.
  const descriptor = attemptOpen(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  throw new UsageError(
    `cannot read the write log ${path}: it is no regular file. Copy a log device into a file first, after its dm device was removed.`,
  );
}

function attemptOpen(path: string, flags: number): number {
  try {
    return openSync(path, flags);
  } catch (error) {
    throw new UsageError(`cannot open the write log ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function demandInside(path: string, sizeBytes: number, lengthBytes: number, offsetBytes: number): void {
  if (offsetBytes >= 0 && offsetBytes + lengthBytes <= sizeBytes) return;
  throw badLog(path, `byte ${offsetBytes}`, `${lengthBytes} bytes are wanted there, but the log ends at ${sizeBytes}`);
}

/** One pread may return less than it was asked for, so ask until the buffer is full. */
function readExactly(path: string, descriptor: number, buffer: Uint8Array, offsetBytes: number): void {
  let doneBytes = 0;
  while (doneBytes < buffer.length) {
    const atBytes = offsetBytes + doneBytes;
    const gotBytes = readOnce(path, descriptor, buffer.subarray(doneBytes), atBytes);
    if (gotBytes === 0) throw badLog(path, `byte ${atBytes}`, 'the file has become shorter while it was read');
    doneBytes += gotBytes;
  }
}

function readOnce(path: string, descriptor: number, buffer: Uint8Array, offsetBytes: number): number {
  try {
    return readSync(descriptor, buffer, 0, buffer.length, offsetBytes);
  } catch (error) {
    throw badLog(path, `byte ${offsetBytes}`, `cannot read: ${messageOf(error)}`, { cause: error });
  }
}
