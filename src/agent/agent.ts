import type { Readable, Writable } from 'node:stream';
import { StepError } from '../errors.ts';
import { oneLine } from '../one-line.ts';
import { RequestSender } from './request-sender.ts';
import { errorFromWire, lineSplitter, type AnswerMessage, type CallName, type Calls } from './protocol.ts';

/** A running engine, as those who use it see it. */
export interface Agent {
  readonly kernel: string;
  /** It has given its last answer, and ends by itself. */
  readonly leaving: boolean;
  /** @throws what the engine threw, or StepError `engine-lost` when it died */
  call<Name extends CallName>(
    name: Name,
    request: Calls[Name]['request'],
    onEvent?: (event: Calls[Name]['event']) => void,
  ): Promise<Calls[Name]['result']>;
  /** Asks it to let go of everything and end; ends it by force when it does not. */
  close(): Promise<void>;
  /** Ends it at once. */
  kill(): void;
}

/** How the process (or machine) behind an agent is reached. */
export interface AgentProcess {
  readonly answers: Readable;
  readonly requests: Writable;
  /** Settles when it is gone. */
  readonly gone: Promise<void>;
  kill(): void;
  /** What it last said, for the error when it dies: console, standard error. */
  lastWords(): string;
}

interface PendingCall {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
  readonly onEvent: ((event: never) => void) | undefined;
}

const GREETING = 0;
const CLOSE_PATIENCE_MS = 20_000;

/**
 * Waits for the greeting.
 * @param deadlineMs how long starting may take
 * @throws StepError `engine-lost` when it dies first or says nothing in time
 */
export async function connectAgent(process: AgentProcess, deadlineMs: number): Promise<Agent> {
  const pending = new Map<number, PendingCall>();
  let nextId = 1;
  let lost: StepError | undefined;
  let leaving = false;
  const lose = (why: string): void => {
    lost ??= new StepError('engine-lost', [why, process.lastWords()].filter(Boolean).join('\n'));
    for (const call of pending.values()) call.reject(lost);
    pending.clear();
  };
  // The greeting is awaited like the answer to a call that nobody had to make.
  const greeting = new Promise<string>((resolve, reject) =>
    pending.set(GREETING, { resolve, reject, onEvent: undefined }),
  );
  const onNonsense = (line: string): void => {
    lose(`the engine said what is no answer: ${oneLine(line)}`);
    process.kill();
  };
  const sender = new RequestSender(process.requests);
  listen(process.answers, onNonsense, (message) => {
    if ('taken' in message) return sender.taken();
    if ('last' in message) leaving = true;
    settle(pending, 'hello' in message ? { id: GREETING, result: message.hello.kernel } : message);
  });
  process.requests.on('error', () => lose('the engine stopped listening'));
  void process.gone.then(() => lose('the engine died'));
  const timer = setTimeout(() => {
    lose(`the engine did not start within ${deadlineMs / 1000} s`);
    process.kill();
  }, deadlineMs);
  const kernel = await greeting.finally(() => clearTimeout(timer));
  return {
    kernel,
    get leaving() {
      return leaving;
    },
    call: (name, request, onEvent) =>
      new Promise((resolve, reject) => {
        if (lost) return reject(lost);
        const id = nextId++;
        pending.set(id, { resolve, reject, onEvent });
        sender.send(JSON.stringify({ id, call: name, request }));
      }),
    close: () => close(process),
    kill: () => process.kill(),
  };
}

function listen(
  answers: Readable,
  onNonsense: (line: string) => void,
  onMessage: (message: AnswerMessage) => void,
): void {
  answers.setEncoding('utf8');
  answers.on(
    'data',
    lineSplitter((line) => {
      const message = parseAnswer(line);
      if (message) onMessage(message);
      else onNonsense(line);
    }),
  );
  // The end of the process is what counts, and is told apart.
  answers.on('error', () => undefined);
}

function parseAnswer(line: string): AnswerMessage | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as AnswerMessage) : undefined;
  } catch {
    return undefined;
  }
}

function settle(
  pending: Map<number, PendingCall>,
  message: Exclude<AnswerMessage, { hello: unknown } | { taken: true }>,
): void {
  const call = pending.get(message.id);
  if (!call) return;
  if ('event' in message) return call.onEvent?.(message.event as never);
  pending.delete(message.id);
  if ('error' in message) call.reject(errorFromWire(message.error));
  else call.resolve(message.result as never);
}

async function close(process: AgentProcess): Promise<void> {
  process.requests.end();
  const timer = setTimeout(() => process.kill(), CLOSE_PATIENCE_MS);
  await process.gone;
  clearTimeout(timer);
}
