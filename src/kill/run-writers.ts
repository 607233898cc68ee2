/** One run of the workload, and what becomes of it at its moment. */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { continueDescendants, endDescendants, stopDescendants } from '../host/descendants.ts';
import { messageOf } from '../errors.ts';
import type { Scope } from '../host/scope.ts';
import { contractEnvironment, fillPlaceholders } from '../stores/placeholders.ts';
import type { KillMoment } from './moment.ts';
import type { OpenKillRequest, TryKillRequest } from './requests.ts';
import { Tape } from './tape.ts';
import { Writer } from './writer.ts';

export interface WritersRequest extends OpenKillRequest, TryKillRequest {
  /** The store's folder. */
  readonly dir: string;
  /** For transcripts. */
  readonly scratch: string;
  /** In the mode `stop`: called while everything stands still. @returns why it failed */
  look(): Promise<string | undefined>;
}

export interface WritersRun {
  readonly tape: Tape;
  /** Those who wait for an answer that never went out. */
  readonly unanswered: ReadonlySet<number>;
  /** The moment came before the end. */
  readonly killed: boolean;
  /** In the mode `stop`: how much had been read when everything stood still. */
  readonly stopped?: { readonly acks: number; readonly events: number };
  /** The workload failed by itself, or we did. */
  readonly failure?: string;
  readonly durationMs: number;
}

/** Timers are late by up to so much, milliseconds; the rest of a delay is spent waiting for nothing else. */
const TIMER_SLACK_MS = 2;

export async function runWriters(scope: Scope, request: WritersRequest): Promise<WritersRun> {
  const run = new Run(scope, request);
  const failure = await run.toItsEnd();
  return { ...run.outcome(), ...(failure !== undefined && { failure }) };
}

class Run {
  readonly #request: WritersRequest;
  readonly #tape: Tape;
  readonly #writers: Writer[] = [];
  readonly #ended = new Set<number>();
  readonly #unanswered = new Set<number>();
  readonly #startedMs = performance.now();
  readonly #over: Promise<void>;
  #isOver!: () => void;
  #armed = false;
  #killed = false;
  #failure: string | undefined;
  #stopped: WritersRun['stopped'];
  #durationMs = 0;
  #killing: Promise<unknown> | undefined;
  #looking: Promise<void> | undefined;

  constructor(scope: Scope, request: WritersRequest) {
    this.#request = request;
    this.#tape = new Tape(request.writers);
    this.#over = new Promise((resolve) => (this.#isOver = resolve));
    // What follows may throw, and they must not outlive the trial.
    scope.add('processes of the workload', async () => void (await endDescendants()));
    for (let index = 0; index < request.writers; index++) this.#writers.push(this.#start(scope, index));
    this.#lookAtMoment();
  }

  outcome(): WritersRun {
    return {
      tape: this.#tape,
      unanswered: this.#unanswered,
      killed: this.#killed,
      ...(this.#stopped && { stopped: this.#stopped }),
      durationMs: this.#durationMs,
    };
  }

  /** @returns why it failed, undefined when it did not */
  async toItsEnd(): Promise<string | undefined> {
    const { workloadTimeoutMs } = this.#request;
    const timer = setTimeout(
      () => this.#fail(`it did not end within ${workloadTimeoutMs / 1000} s`),
      workloadTimeoutMs,
    );
    await this.#over;
    clearTimeout(timer);
    // The last writer may end in the very instant of the stop; what copies its folder must not be ended with it.
    await this.#looking?.catch(() => undefined);
    this.#durationMs = performance.now() - this.#startedMs;
    await this.#killing;
    const left = await endDescendants();
    if (left.length > 0) this.#failure ??= `process ${left[0]} cannot be ended`;
    const drained = await Promise.all(this.#writers.map((writer) => writer.drain()));
    if (!drained.every(Boolean)) this.#failure ??= 'something still holds its output open';
    return this.#failure;
  }

  #start(scope: Scope, index: number): Writer {
    const { workload, dir, scratch, cwd, env, seed, writers } = this.#request;
    const values = { dir, writer: index };
    const writer = new Writer(
      scope,
      {
        argv: fillPlaceholders(workload, values),
        cwd,
        env: {
          ...env,
          ...contractEnvironment(values),
          POWERCUT_WRITERS: String(writers),
          POWERCUT_SEED: String(seed),
        },
        errorTranscript: join(scratch, `stderr-${index}.txt`),
      },
      { onLine: (line) => this.#take(index, line), onFault: (fault) => this.#fail(fault) },
    );
    void writer.ended.then((failure) => this.#noteEnd(index, failure));
    return writer;
  }

  #take(index: number, line: string): void {
    const waits = this.#tape.take(index, line, performance.now() - this.#startedMs);
    this.#unanswered.delete(index);
    if (waits && this.#killed && this.#request.mode === 'kill') this.#unanswered.add(index);
    else if (waits) this.#writers[index]!.answer();
    if (this.#tape.fault !== undefined) this.#fail(this.#tape.fault);
    this.#lookAtMoment();
  }

  #noteEnd(index: number, failure: string | undefined): void {
    this.#ended.add(index);
    if (failure !== undefined && !(this.#killed && this.#request.mode === 'kill')) {
      const said = this.#writers[index]!.lastWords();
      this.#fail(said === '' ? failure : `${failure}; its standard error ended with: ${said}`);
    }
    this.#lookAtMoment();
    if (this.#ended.size === this.#writers.length) this.#isOver();
  }

  /** Once only: arms the delay when so many lines have been read, and nobody is still preparing. */
  #lookAtMoment(): void {
    const { moment } = this.#request;
    if (moment === undefined || this.#armed || this.#tape.lines < moment.lines || this.#isPreparing()) return;
    this.#armed = true;
    queueMicrotask(() => void this.#strike(moment).catch((error: unknown) => this.#fail(messageOf(error))));
  }

  /** Some writers are ready and some are not. */
  #isPreparing(): boolean {
    if (this.#tape.readyLine === 0 || this.#request.fromStart) return false;
    return this.#writers.some((_, index) => !this.#tape.isReady(index) && !this.#ended.has(index));
  }

  async #strike({ delayMs }: KillMoment): Promise<void> {
    const strikeMs = performance.now() + delayMs;
    if (delayMs > TIMER_SLACK_MS) await sleep(delayMs - TIMER_SLACK_MS);
    while (performance.now() < strikeMs);
    if (this.#ended.size === this.#writers.length || this.#failure !== undefined) return;
    this.#killed = true;
    if (this.#request.mode === 'kill') this.#killAll();
    else await (this.#looking = this.#lookWhileStopped());
  }

  async #lookWhileStopped(): Promise<void> {
    this.#stopped = { acks: this.#tape.acked.length, events: this.#tape.eventCount };
    // Blocks: no line is read and none answered between this instant and the one at which everything stands still.
    const still = stopDescendants();
    const failure = still ? await this.#request.look() : 'it could not be stopped within 5 s';
    continueDescendants();
    if (failure !== undefined) this.#fail(failure);
  }

  #fail(reason: string): void {
    this.#failure ??= reason;
    this.#killAll();
    this.#isOver();
  }

  /** First the groups, each at one stroke; then whoever has left them, such as a daemon. */
  #killAll(): void {
    for (const writer of this.#writers) writer.signal('SIGKILL');
    // Waited for at the end: it would otherwise end what recovers the store as well.
    this.#killing ??= endDescendants();
  }
}
