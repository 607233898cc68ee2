/**
 * The engine's program: does what it is asked on standard input, in the mount namespace that it was started in. When its
 * input ends, whoever asked is gone: it lets go of everything and ends, and in a guest switches the machine off.
 */
import { Console } from 'node:console';
import { writeSync } from 'node:fs';
import { release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { probeEngine } from '../engine/probe.ts';
import type {
  FilesRequest,
  OpenRequest,
  ProbeRequest,
  RecordRequest,
  RecoveryRequest,
  TryRequest,
} from '../engine/requests.ts';
import type { StateTrier } from '../engine/state-trier.ts';
import { endDescendants } from '../host/descendants.ts';
import { Scope } from '../host/scope.ts';
import { becomeSubreaper, powerOff } from '../host/sys/process.ts';
import type { KillTrier } from '../kill/kill-trier.ts';
import type { OpenKillRequest, TryKillRequest } from '../kill/requests.ts';
import {
  errorToWire,
  lineSplitter,
  type AnswerMessage,
  type CallMessage,
  type CallName,
  type PartMessage,
} from './protocol.ts';

const RELEASE_DEADLINE_MS = 15_000;
const END_AGAIN_MS = 20;

const scope = new Scope();
let trier: StateTrier | undefined;
let killTrier: KillTrier | undefined;
let current: Promise<void> = Promise.resolve();
let leaving = false;

// Each call loads what it needs: in a guest every module costs, and an engine does one of these things only.
const handlers: Record<CallName, (request: never, onEvent: (event: unknown) => void) => unknown> = {
  probe: (request: ProbeRequest) => probeEngine(request),
  record: async (request: RecordRequest, onEvent) => {
    const { record } = await import('../engine/record.ts');
    return record(request, (phase) => onEvent({ phase }));
  },
  open: async (request: OpenRequest) => {
    const { StateTrier } = await import('../engine/state-trier.ts');
    trier = new StateTrier(scope, request);
    return trier.opened;
  },
  files: (request: FilesRequest) => trier!.files(request),
  try: (request: TryRequest) => trier!.try(request),
  openKill: async (request: OpenKillRequest) => {
    const { KillTrier } = await import('../kill/kill-trier.ts');
    killTrier = new KillTrier(scope, request);
    return null;
  },
  tryKill: (request: TryKillRequest) => killTrier!.try(request),
  planRecovery: (request: RecoveryRequest) => trier!.planRecovery(request),
};

function send(message: AnswerMessage): void {
  // Synchronous: an answer must be out before the next state can bring this process down.
  writeSync(1, `${JSON.stringify(message)}\n`);
}

async function answer({ id, call, request }: CallMessage): Promise<void> {
  try {
    const result = await handlers[call](request as never, (event) => send({ id, event }));
    send({ id, result, ...(isSpent() && { last: true }) });
  } catch (error) {
    if (!leaving) send({ id, error: errorToWire(error) });
  }
}

/** A function of the user's was late and goes on: only the end of this process ends it. */
const isSpent = (): boolean => (trier ?? killTrier)?.overrun ?? false;

/** Ends what runs, lets go of what is held, ends. */
async function leave(status: number): Promise<void> {
  if (leaving) return;
  leaving = true;
  setTimeout(end, RELEASE_DEADLINE_MS, status).unref();
  await endCurrent();
  await scope.release();
  await endDescendants();
  end(status);
}

/** What is being done may be about to start its next command, so once is not enough. */
async function endCurrent(): Promise<void> {
  let isOver = false;
  const over = current.finally(() => (isOver = true)).catch(() => undefined);
  while (!isOver) {
    await endDescendants();
    await Promise.race([over, sleep(END_AGAIN_MS)]);
  }
}

function end(status: number): void {
  if (process.env['POWERCUT_GUEST'] === '1') powerOff();
  process.exit(status);
}

function take(message: CallMessage): void {
  current = current.then(async () => {
    await answer(message);
    if (isSpent()) void leave(0);
  });
}

let parts = '';
function takePart({ part, last }: PartMessage): void {
  parts += part;
  send({ taken: true });
  if (!last) return;
  const line = parts;
  parts = '';
  take(JSON.parse(line) as CallMessage);
}

// Standard output is for answers alone, and a check that is a function may print.
globalThis.console = new Console(process.stderr);
becomeSubreaper();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void leave(0));
process.stdin.setEncoding('utf8');
process.stdin.on(
  'data',
  lineSplitter((line) => {
    const message = JSON.parse(line) as CallMessage | PartMessage;
    if ('part' in message) takePart(message);
    else take(message);
  }),
);
process.stdin.on('end', () => void leave(0));
process.stdin.on('error', () => void leave(0));
send({ hello: { kernel: release() } });
