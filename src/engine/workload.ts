import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { StepError } from '../errors.ts';
import { endDescendants } from '../host/descendants.ts';
import { createPipe, makeNonBlocking } from '../host/sys/process.ts';
import { endOfWorkload, spawnWorkload, type WorkloadCommand } from '../host/workload-process.ts';
import type { IoErrorSpec } from '../stores/io-error-spec.ts';
import { FAILING, READING, type AckReaderInput, type AckReaderResult } from './ack-reader.ts';
import { IoErrorWindow, type IoErrorWindowInput } from './io-error-device.ts';
import type { LogWritesDevice } from './log-writes-device.ts';
import type { IoErrorResult } from './requests.ts';

export interface WorkloadRequest extends WorkloadCommand {
  readonly timeoutMs: number;
  /** Files that receive its standard output and standard error. */
  readonly transcript: string;
  readonly errorTranscript: string;
}

export interface WorkloadResult extends AckReaderResult {
  /** Present when writes were to fail. */
  readonly ioError?: IoErrorResult;
}

const TAIL_LINES = 8;

/**
 * Runs the workload on the recorded device; a mark goes into the log for each acknowledgement.
 * @param ioError when its writes are to fail; then it may end with an error once one has failed: that is for a store to choose
 * @throws StepError when it fails, does not end in time, or breaks the contract of its lines; or when no write failed that
 *   was to
 */
export async function runWorkload(
  request: WorkloadRequest,
  device: LogWritesDevice,
  ioError?: IoErrorWindowInput,
): Promise<WorkloadResult> {
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
    ...(ioError && { ioError }),
  });
  const window = ioError && new IoErrorWindow(ioError);
  const windowOver = reader.failing.then(() => window?.closeWhenOver());
  windowOver.catch(() => undefined);
  const child = spawnWorkload(request, { stdout: output.writeEnd, stderr: errors, replies: replies.readEnd });
  for (const fd of [output.writeEnd, replies.readEnd, errors]) closeSync(fd);
  try {
    const end = await ended(child, reader.acks, request);
    // What the workload left running may still hold its output open; the reader ends when nobody does.
    await endDescendants();
    const acks = await reader.acks;
    // What is written when the store's place is left is not the workload's.
    window?.close();
    if (window?.opened) await windowOver;
    const failedWrites = window?.failedWrites ?? 0;
    assertAccepted(end, acks, request, failedWrites);
    if (!ioError) return acks;
    if (failedWrites === 0) throw nothingFailed(ioError.spec, acks.ackCount);
    return { ...acks, ioError: { failedWrites, ...(end.failed !== undefined && { workloadEnd: end.failed }) } };
  } finally {
    for (const fd of [output.readEnd, replies.writeEnd]) closeSync(fd);
  }
}

interface Reader {
  readonly acks: Promise<AckReaderResult>;
  /** Resolves when writes have begun to fail. */
  readonly failing: Promise<void>;
}

/** Resolves when the reader is listening: a thread takes longer to start than a workload to acknowledge. */
function startReader(input: AckReaderInput): Promise<Reader> {
  return new Promise((resolve, reject) => {
    let nowFailing = (): void => undefined;
    const failing = new Promise<void>((resolveFailing) => (nowFailing = resolveFailing));
    const worker = new Worker(new URL('./ack-reader.js', import.meta.url), {
      workerData: input,
      // Node would warn of every descriptor that the thread closes without having opened it through Node: its pipes.
      trackUnmanagedFds: false,
    });
    const acks = new Promise<AckReaderResult>((resolveAcks, rejectAcks) => {
      worker.on('message', (message: typeof READING | typeof FAILING | AckReaderResult) => {
        if (message === FAILING) nowFailing();
        else if (message !== READING) resolveAcks(message);
        // One that fails before it listens has ended, and says so: whoever waits for it to listen must not wait for ever.
        resolve({ acks, failing });
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

/** Why it was ended by us, or why it failed by itself; neither when it did not. */
interface End {
  readonly stopped?: string | undefined;
  readonly failed?: string | undefined;
}

/** Waits for the workload's end. */
function ended(child: ChildProcess, reader: Promise<AckReaderResult>, request: WorkloadRequest): Promise<End> {
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
      resolve({ stopped: reason, failed: why });
    };
    void endOfWorkload(child).then(settle);
  });
}

function assertAccepted(
  { stopped, failed: why }: End,
  acks: AckReaderResult,
  request: WorkloadRequest,
  failedWrites: number,
): void {
  if (acks.failure !== undefined) throw failed(`its output could not be taken: ${acks.failure}`, request);
  if (stopped !== undefined) throw failed(stopped, request);
  if (why !== undefined && failedWrites === 0) throw failed(why, request);
}

/** A recording in which nothing failed would be judged as if its store had stood the test. */
function nothingFailed({ text, ack }: IoErrorSpec, ackCount: number): StepError {
  const why =
    ackCount < ack
      ? `the workload acknowledged ${ackCount} operations, fewer than ${ack}`
      : `the workload wrote nothing behind acknowledgement ${ack}`;
  return new StepError(
    'nothing-failed',
    `--io-error ${text}: no write failed: ${why}; name an earlier acknowledgement`,
  );
}

function failed(why: string, request: WorkloadRequest): StepError {
  const tail = readFileSync(request.errorTranscript, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  const detail = tail === '' ? '' : `\nIts standard error ended with:\n${tail}`;
  return new StepError('workload-failed', `the workload failed: ${why}: ${request.argv.join(' ')}${detail}`);
}
