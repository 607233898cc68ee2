/**
 * For workloads written for Node: `import { ready, operate } from 'powercut/workload'`. It prints the lines that powercut
 * reads and waits for its answers, so that every mark stands exactly where it belongs. All calls block: while one waits,
 * nothing else of this process runs, and so no answer is taken by another. Run without powercut, it just prints.
 */
import { readSync, writeSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** What an operation does to one key. Keys and values are strings. */
export type KeyOperation =
  | { readonly op: 'put' | 'append'; readonly key: string; readonly value: string }
  | { readonly op: 'delete'; readonly key: string };

/** One key's operation, or several: `txn` is all or nothing, of a `batch` any part may survive. */
export type Operation = KeyOperation | { readonly op: 'txn' | 'batch'; readonly ops: readonly KeyOperation[] };

export interface OperationOptions {
  /** Whose operation it is; one session does one thing after the other. */
  readonly session?: string;
  /** Names a durability promise, as `--durability CLASS=PROMISE` does. */
  readonly class?: string;
}

/** An operation under way. Call one of the three, once. */
export interface Invoked {
  readonly id: number;
  /** The store has reported it done (and, unless promised otherwise, durable). */
  ok(): void;
  /** It certainly did not happen. */
  fail(): void;
  /** It may or may not have happened, or may still happen. */
  info(): void;
}

let lastId = 0;

/** The workload's own set-up is durable. */
export function ready(): void {
  print('ready');
}

/** For workloads without a history: this operation is durable. */
export function ack(id: string | number): void {
  print(`ack ${id}`);
  awaitAnswer();
}

/** Says that an operation is about to begin; when this returns, it may. */
export function invoke(operation: Operation, options: OperationOptions = {}): Invoked {
  const id = ++lastId;
  tell({ type: 'invoke', id, ...operation, ...options, reply: replyFd() !== undefined });
  awaitAnswer();
  return {
    id,
    ok: () => {
      tell({ type: 'ok', id });
      awaitAnswer();
    },
    fail: () => tell({ type: 'fail', id }),
    info: () => tell({ type: 'info', id }),
  };
}

/** Invokes, runs, and says `ok`. What throws may or may not have happened: it says `info`, and throws on. */
export async function operate<Result>(
  operation: Operation,
  run: () => Result | Promise<Result>,
  options: OperationOptions = {},
): Promise<Result> {
  const invoked = invoke(operation, options);
  let result: Result;
  try {
    result = await run();
  } catch (error) {
    invoked.info();
    throw error;
  }
  invoked.ok();
  return result;
}

function tell(event: object): void {
  print(JSON.stringify({ ...event, timeMs: performance.timeOrigin + performance.now() }));
}

/** Not `console.log`: what that prints may still be on its way when the next operation starts. */
function print(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  for (let at = 0; at < bytes.length;) at += patiently(() => writeSync(1, bytes, at));
}

function replyFd(): number | undefined {
  const text = process.env['POWERCUT_ACK_REPLY'];
  return text ? Number(text) : undefined;
}

function awaitAnswer(): void {
  const fd = replyFd();
  if (fd === undefined) return;
  const count = patiently(() => readSync(fd, Buffer.alloc(1)));
  if (count !== 1) throw new Error(`powercut's answer never came: descriptor ${fd} was closed`);
}

/** A descriptor may have been made non-blocking by somebody else in this process. */
function patiently(call: () => number): number {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
