import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scope } from '../host/scope.ts';
import { createPipe, makeNonBlocking } from '../host/sys/process.ts';
import { endOfWorkload, spawnWorkload, type WorkloadCommand } from '../host/workload-process.ts';
import { lastLines } from '../one-line.ts';

export interface WriterRequest extends WorkloadCommand {
  /** File that receives its standard error. */
  readonly errorTranscript: string;
}

const LINE_LIMIT_BYTES = 1 << 20;
const TAIL_LINES = 4;
const DRAIN_PATIENCE_MS = 5000;
const REPLY = Buffer.from('.');
const NEWLINE = 0x0a;

export interface WriterEvents {
  /** A line, without its end. */
  onLine(line: string): void;
  /** It breaks the contract. */
  onFault(fault: string): void;
}

/** One process of the workload, in a process group of its own, with its two pipes. */
export class Writer {
  /** Settles when it has ended. @returns why it failed, undefined when it did not */
  readonly ended: Promise<string | undefined>;
  readonly #request: WriterRequest;
  readonly #child: ChildProcess;
  readonly #lines: Socket;
  readonly #drained: Promise<void>;
  readonly #replyFd: number;

  constructor(scope: Scope, request: WriterRequest, events: WriterEvents) {
    const output = createPipe();
    const replies = createPipe();
    // A workload that never reads its answers must not bring us to a halt when the pipe is full.
    makeNonBlocking(replies.writeEnd);
    const errors = openSync(request.errorTranscript, 'a', 0o644);
    this.#request = request;
    this.#replyFd = replies.writeEnd;
    this.#lines = new Socket({ fd: output.readEnd, readable: true, writable: false });
    scope.add('pipes of the workload', () => {
      this.#lines.destroy();
      closeSync(replies.writeEnd);
    });
    this.#drained = new Promise((resolve) => this.#lines.once('close', () => resolve()));
    this.#lines.on('error', () => undefined);
    this.#lines.on('data', lineCutter(events));
    this.#child = spawnWorkload(request, { stdout: output.writeEnd, stderr: errors, replies: replies.readEnd });
    for (const fd of [output.writeEnd, replies.readEnd, errors]) closeSync(fd);
    this.ended = endOfWorkload(this.#child);
  }

  /** One byte says that its line has been read. It may have closed its end, or never read. */
  answer(): void {
    try {
      writeSync(this.#replyFd, REPLY);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EAGAIN' && code !== 'EPIPE') throw error;
    }
  }

  /** Signals its whole process group. */
  signal(name: NodeJS.Signals): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, name);
    } catch {
      // It has ended.
    }
  }

  /** Waits until all that it printed has been read: nobody holds its output any more. @returns false when somebody does */
  async drain(): Promise<boolean> {
    const given = new AbortController();
    const late = sleep(DRAIN_PATIENCE_MS, false, { signal: given.signal }).catch(() => false);
    const drained = await Promise.race([this.#drained.then(() => true), late]);
    given.abort();
    return drained;
  }

  /** The end of its standard error, empty when it said nothing. */
  lastWords(): string {
    return lastLines(readFileSync(this.#request.errorTranscript, 'utf8'), TAIL_LINES);
  }
}

/** Cuts bytes into lines. What stands behind the last line feed is no line: who was killed had not finished it. */
function lineCutter(events: WriterEvents): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      events.onLine(rest.toString('utf8', 0, end));
      rest = rest.subarray(end + 1);
    }
    if (rest.length <= LINE_LIMIT_BYTES) return;
    events.onFault('it printed a line of more than 1 MiB');
    rest = Buffer.alloc(0);
  };
}
