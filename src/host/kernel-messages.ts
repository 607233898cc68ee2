/** The kernel's log, from now on: Documentation/ABI/testing/dev-kmsg. */
import { closeSync, openSync, readSync, constants } from 'node:fs';
import { seekToEnd } from './sys/file.ts';

const RECORD_BYTES = 8192;
const MAXIMUM_RECORDS = 10_000;

export interface KernelMessages {
  /** The messages since the last call, each without its prefix. A reader that was too slow skips to the oldest kept. */
  drain(): string[];
  close(): void;
}

/** @returns undefined when this kernel does not let us read them (no root, dmesg_restrict) */
export function openKernelMessages(): KernelMessages | undefined {
  let fd: number;
  try {
    fd = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  const buffer = Buffer.alloc(RECORD_BYTES);
  const drain = (): string[] => {
    const messages: string[] = [];
    for (let guard = 0; guard < MAXIMUM_RECORDS; guard++) {
      const record = readRecord(fd, buffer);
      if (record === undefined) break;
      if (record !== '') messages.push(record);
    }
    return messages;
  };
  seekToEnd(fd, '/dev/kmsg');
  return { drain, close: () => closeSync(fd) };
}

/** One record's text; empty when records were overwritten before we came (EPIPE); undefined when there is none now. */
function readRecord(fd: number, buffer: Buffer): string | undefined {
  try {
    const length = readSync(fd, buffer, 0, buffer.length, null);
    const record = buffer.toString('utf8', 0, length);
    return record.slice(record.indexOf(';') + 1).split('\n', 1)[0]!;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPIPE' ? '' : undefined;
  }
}
