import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { StepError } from '../errors.ts';
import { endDescendants } from '../host/descendants.ts';
import { createPipe, makeNonBlocking } from '../host/sys/process.ts';
import { endOfWorkload, spawnWorkload, type WorkloadCommand } from '../host/workload-process.ts';
import { READING, type AckReaderInput, type AckReaderResult } from './ack-reader.ts';
import type { LogWritesDevice } from './log-writes-device.ts';

export interface WorkloadRequest extends WorkloadCommand {
  readonly timeoutMs: number;
  /** Files that receive its standard output and standard error. */
  readonly transcript: string;
  readonly errorTranscript: string;
}

const TAIL_LINES = 8;

/**
 * Runs the workload on the recorded device; a mark goes into the log for each acknowledgement.
 * @throws StepError when it fails, does not end in time, or breaks the contract of its lines
 */
export async function runWorkload(request: WorkloadRequest, device: LogWritesDevice): Promise<AckReaderResult> {
  const output = createPipe();
  const replies = createPipe();
  // A workload that never reads its replies must not bring the reader to a halt when the pipe is full.
  makeNonBlocking(replies.writeEnd);
  const errors = openSync(request.errorTranscript, 'a', 0o644);
  const reader = await startReader({
    linesFd: output.readEnd,
    replyFd: replies.writeEnd,
    control: device.control,
    device: device.name,
    transcript: request.transcript,
  });
  const child = spawnWorkload(request, { stdout: output.writeEnd, stderr: errors, replies: replies.readEnd });
  for (const fd of [output.writeEnd, replies.readEnd, errors]) closeSync(fd);
  try {
    const failure = await ended(child, reader.acks, request);
    // What the workload left running may still hold its output open; the reader ends when nobody does.
    await endDescendants();
    const acks = await reader.acks;
    if (acks.failure !== undefined) throw failed(`its output could not be taken: ${acks.failure}`, request);
    if (failure !== undefined) throw failed(failure, request);
    return acks;
  } finally {
    for (const fd of [output.readEnd, replies.writeEnd]) closeSync(fd);
  }
}

/** Resolves when the reader is listening: a thread takes longer to start than a workload to acknowledge. */
function startReader(input: AckReaderInput): Promise<{ readonly acks: Promise<AckReaderResult> }> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./ack-reader.js', import.meta.url), {
      workerData: input,
      // Node would warn of every descriptor that the thread closes without having opened it through Node: its pipes.
      trackUnmanagedFds: false,
    });
    const acks = new Promise<AckReaderResult>((resolveAcks, rejectAcks) => {
      worker.on('message', (message: typeof READING | AckReaderResult) => {
        if (message !== READING) resolveAcks(message);
        // One that fails before it listens has ended, and says so: whoever waits for it to listen must not wait for ever.
        resolve({ acks });
      });
      worker.once('error', (error) => {
        reject(error);
        rejectAcks(error);
      });
    });
    // Until somebody waits for it, its failure is that of starting.
    acks.catch(() => undefined);
  });
}

/** Waits for the workload's end. @returns why it failed, undefined when it did not */
function ended(
  child: ChildProcess,
  reader: Promise<AckReaderResult>,
  request: WorkloadRequest,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let reason: string | undefined;
    const stop = (why: string | undefined): void => {
      reason ??= why;
      void endDescendants();
    };
    const timer = setTimeout(() => stop(`it did not end within ${request.timeoutMs / 1000} s`), request.timeoutMs);
    // A reader that gave up reads no more, and a workload with a full pipe would wait for it until its time limit.
    reader.then((acks) => acks.failure !== undefined && stop(acks.failure), reject);
    const settle = (why: string | undefined): void => {
      clearTimeout(timer);
      resolve(reason ?? why);
    };
    void endOfWorkload(child).then(settle);
  });
}

function failed(why: string, request: WorkloadRequest): StepError {
  const tail = readFileSync(request.errorTranscript, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  const detail = tail === '' ? '' : `\nIts standard error ended with:\n${tail}`;
  return new StepError('workload-failed', `the workload failed: ${why}: ${request.argv.join(' ')}${detail}`);
}
