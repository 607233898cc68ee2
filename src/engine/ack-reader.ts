/**
 * A thread that does nothing but turn the workload's lines into marks. It sleeps in read(2), wakes before all ordinary
 * threads, and calls the kernel itself: a mark that comes late would let a write of the next operation pass for one of
 * the acknowledged ones, and so hide a bug.
 */
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import { sendMessage } from '../host/sys/device-mapper.ts';
import { becomeUrgentThread } from '../host/sys/process.ts';
import { ackMark, READY_MARK } from '../stores/mark-text.ts';
import { parseWorkloadLine } from '../stores/workload-line.ts';

export interface AckReaderInput {
  /** Read end of the workload's standard output. */
  readonly linesFd: number;
  /** Write end of the pipe for replies. */
  readonly replyFd: number;
  readonly control: number;
  readonly device: string;
  readonly transcript: string;
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

/** First message of the thread: from now on no line waits. */
export const READING = 'reading';

if (parentPort) parentPort.postMessage(readAcks(workerData as AckReaderInput, parentPort));

function readAcks(input: AckReaderInput, parent: MessagePort): AckReaderResult {
  const urgent = becomeUrgentThread();
  const transcript = openSync(input.transcript, 'a', 0o644);
  parent.postMessage(READING);
  let ackCount = 0;
  let ready = false;
  try {
    for (const line of lines(input.linesFd)) {
      const parsed = parseWorkloadLine(line.toString('utf8').replace(/\n$/, ''));
      if (parsed.kind === 'bad-ack') throw new Error(parsed.reason);
      if (parsed.kind === 'ready') {
        sendMessage(input.control, input.device, ['mark', READY_MARK]);
        ready = true;
      } else if (parsed.kind === 'ack') {
        sendMessage(input.control, input.device, ['mark', ackMark(parsed.id)]);
        ackCount++;
        reply(input.replyFd);
      }
      writeSync(transcript, line);
    }
    return { ackCount, ready, urgent };
  } catch (error) {
    return { ackCount, ready, urgent, failure: messageOf(error) };
  } finally {
    closeSync(transcript);
  }
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
