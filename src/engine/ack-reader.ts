/**
 * A thread that does nothing but turn the workload's lines into marks. It sleeps in read(2), wakes before all ordinary
 * threads, and calls the kernel itself: a mark that comes late would let a write of the next operation pass for one of
 * the acknowledged ones, and so hide a bug.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import { encodeMessage, sendMessage, targetStatus } from '../host/sys/device-mapper.ts';
import { setRealtime, createPipe } from '../host/sys/process.ts';
import { IoErrorWindow, type IoErrorWindowInput } from './io-error-device.ts';
import { ackMark, failMark, invokeMark, READY_MARK } from '../stores/mark-text.ts';
import type { IoErrorSpec } from '../stores/io-error-spec.ts';
import { parseWorkloadLine } from '../stores/workload-line.ts';

export interface AckReaderInput {
  /** Read end of the workload's standard output. */
  readonly linesFd: number;
  /** Write end of the pipe for replies. */
  readonly replyFd: number;
  readonly control: number;
  readonly device: string;
  readonly transcript: string;
  /** Given when writes are to fail for a while. */
  readonly ioError?: IoErrorWindowInput;
}

export interface AckReaderResult {
  readonly ackCount: number;
  readonly ready: boolean;
  /** Whether the thread could be given precedence. */
  readonly urgent: boolean;
  /** Why it stopped before the end, if it did. */
  readonly failure?: string;
}

const NEWLINE = 0x0a;
const CHUNK_BYTES = 64 * 1024;
const LINE_LIMIT_BYTES = 1 << 20;
const REPLY = Buffer.from('.');
const WARM_UP_ROUNDS = 200;

/** First message of the thread: from now on no line waits. */
export const READING = 'reading';
/** Writes have begun to fail. */
export const FAILING = 'failing';

if (parentPort) parentPort.postMessage(readAcks(workerData as AckReaderInput, parentPort));

function readAcks(input: AckReaderInput, parent: MessagePort): AckReaderResult {
  let urgent = false;
  const transcript = openSync(input.transcript, 'a', 0o644);
  const counts = { ackCount: 0, ready: false };
  const ioError = input.ioError && new IoErrorWindow(input.ioError);
  try {
    warmUp(input);
    parent.postMessage(READING);
    urgent = setRealtime(true);
    for (const line of lines(input.linesFd)) {
      const kind = handle(line, (text) => sendMessage(input.control, input.device, ['mark', text]));
      if (kind === 'ready') counts.ready = true;
      if (kind === 'ack') counts.ackCount++;
      if (kind === 'ack' && ioError && turn(ioError, input.ioError!.spec, counts.ackCount)) parent.postMessage(FAILING);
      if (kind === 'ack' || kind === 'invoke') reply(input.replyFd);
      writeSync(transcript, line);
    }
    return { ...counts, urgent };
  } catch (error) {
    return { ...counts, urgent, failure: messageOf(error) };
  } finally {
    setRealtime(false);
    closeSync(transcript);
  }
}

/** Turns one line into a mark, if it is to be one. @throws when it breaks the contract */
function handle(line: Buffer, mark: (text: string) => void): 'ready' | 'ack' | 'invoke' | 'fail' | 'transcript' {
  const parsed = parseWorkloadLine(line.toString('utf8').replace(/\n$/, ''));
  if (parsed.kind === 'bad-ack') throw new Error(parsed.reason);
  if (parsed.kind === 'ready') mark(READY_MARK);
  if (parsed.kind === 'ack') mark(ackMark(parsed.id));
  if (parsed.kind === 'invoke') mark(invokeMark(parsed.id));
  if (parsed.kind === 'fail') mark(failMark(parsed.id));
  return parsed.kind;
}

/**
 * Begins the time of failing writes before the workload gets its reply, so that it is the next operation that meets them; and
 * ends it, if it is over with the first failure, before the operation behind that one.
 * @returns whether it has begun
 */
function turn(window: IoErrorWindow, { ack, lastsMs }: IoErrorSpec, ackCount: number): boolean {
  if (ackCount === ack) window.open();
  else if (lastsMs === 0 && window.isOpen && window.failedWrites > 0) window.close();
  return ackCount === ack;
}

/**
 * Walks the whole way some times without leaving a mark. Code that runs for the first time is loaded and compiled, which in
 * a guest takes longer than a workload needs for its first operations.
 */
function warmUp(input: AckReaderInput): void {
  const { readEnd, writeEnd } = createPipe();
  try {
    const warmUpLines = ['ack warm-up\n', '{"type":"ok","id":"warm-up"}\n'].map((text) => Buffer.from(text));
    for (let i = 0; i < WARM_UP_ROUNDS; i++) writeSync(writeEnd, warmUpLines[i % 2]!);
    closeSync(writeEnd);
    for (const each of lines(readEnd)) handle(each, (text) => askStatus(input.control, input.device, text));
  } finally {
    closeSync(readEnd);
  }
}

/** The same way into the kernel as a mark, with a request that changes nothing. */
function askStatus(control: number, device: string, text: string): void {
  encodeMessage(['mark', text]);
  targetStatus(control, device);
}

/** Lines with their end; the last may lack it. */
function* lines(fd: number): Generator<Buffer> {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let rest = Buffer.alloc(0);
  for (let length = readSync(fd, chunk); length > 0; length = readSync(fd, chunk)) {
    rest = Buffer.concat([rest, chunk.subarray(0, length)]);
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      yield rest.subarray(0, end + 1);
      rest = rest.subarray(end + 1);
    }
    if (rest.length > LINE_LIMIT_BYTES) throw new Error('the workload printed a line of more than 1 MiB');
  }
  if (rest.length > 0) yield rest;
}

/** One byte says that the mark is in the log. A workload that does not wait may have closed its end, or never reads. */
function reply(fd: number): void {
  try {
    writeSync(fd, REPLY);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EAGAIN' && code !== 'EPIPE') throw error;
  }
}
