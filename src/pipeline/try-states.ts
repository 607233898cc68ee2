import pMap from 'p-map';
import type { Agent } from '../agent/agent.ts';
import type { OpenRequest, TriedState } from '../engine/requests.ts';
import { messageOf, PowercutError } from '../errors.ts';
import type { PlannedState } from '../replay/plan.ts';
import type { Runner } from './runner.ts';
import { WorkQueue } from './work-queue.ts';

export interface TryStatesRequest {
  readonly runner: Runner;
  readonly open: OpenRequest;
  readonly states: readonly PlannedState[];
  readonly workers: number;
  /** Asked before each state: whether to go on. */
  readonly goOn: () => boolean;
  /** Told by each engine how it finds what a state changed. */
  readonly onOpened: (tracing: string) => void;
  readonly onTried: (planned: PlannedState, tried: TriedState) => void;
  readonly signal: AbortSignal;
}

/** What one state may take beyond its commands' own limits before its engine is given up: mount, unmount, fsck. */
const SLACK_MS = 120_000;
/** An engine that dies on every state is not the states' fault. */
const DEATHS_IN_A_ROW = 3;

/**
 * Tries all states on several engines at once. An engine that dies loses one state (its verdict is unknown), not the run.
 * @throws when engines die again and again, or cannot be started; all others are closed by then
 */
export async function tryStates(request: TryStatesRequest): Promise<void> {
  const queue = new WorkQueue(request.states, request.workers);
  const workers = Array.from({ length: request.workers }, (_, i) => i);
  const failed = new AbortController();
  const signal = AbortSignal.any([request.signal, failed.signal]);
  const run = async (): Promise<void> => {
    try {
      await new Worker({ ...request, signal }, queue).run();
    } catch (error) {
      // The other engines must not go on with a run that has failed already.
      failed.abort(error);
    }
  };
  await pMap(workers, run, { concurrency: request.workers });
  failed.signal.throwIfAborted();
}

class Worker {
  readonly #request: TryStatesRequest;
  readonly #queue: WorkQueue<PlannedState>;
  #agent: Agent | undefined;
  #deaths = 0;

  constructor(request: TryStatesRequest, queue: WorkQueue<PlannedState>) {
    this.#request = request;
    this.#queue = queue;
  }

  async run(): Promise<void> {
    const stop = (): void => void this.#agent?.close();
    const { signal } = this.#request;
    signal.addEventListener('abort', stop);
    try {
      for (let run = this.#queue.take(); run.length > 0; run = this.#queue.take()) {
        for (const planned of run) {
          if (signal.aborted || !this.#request.goOn()) return;
          await this.#try(planned);
        }
      }
    } finally {
      signal.removeEventListener('abort', stop);
      await this.#agent?.close();
    }
  }

  async #try(planned: PlannedState): Promise<void> {
    const { signal, onTried } = this.#request;
    try {
      const agent = this.#agent ?? (await this.#start());
      const tried = await withDeadline(agent, this.#deadlineMs(), () =>
        agent.call('try', { state: planned.state, ackCount: planned.ackCount }),
      );
      this.#deaths = 0;
      onTried(planned, tried);
    } catch (error) {
      if (signal.aborted) return;
      if (!isLostEngine(error) || ++this.#deaths >= DEATHS_IN_A_ROW) throw error;
      this.#agent = undefined;
      onTried(planned, unknownState(planned.state, messageOf(error)));
    }
  }

  async #start(): Promise<Agent> {
    const { runner, open, onOpened, signal } = this.#request;
    const agent = await runner.start();
    // From here on it is closed at the end, whatever becomes of the calls.
    this.#agent = agent;
    signal.throwIfAborted();
    const { tracing } = await agent.call('open', open);
    onOpened(tracing);
    return agent;
  }

  #deadlineMs(): number {
    const { recoverTimeoutMs, checkTimeoutMs, dump, repeatRecovery } = this.#request.open;
    const looks = repeatRecovery ? 2 : 1;
    const dumpMs = dump ? checkTimeoutMs * looks : 0;
    return recoverTimeoutMs * looks + dumpMs + checkTimeoutMs + SLACK_MS;
  }
}

const isLostEngine = (error: unknown): boolean => error instanceof PowercutError && error.code === 'engine-lost';

/** A system call that never returns hangs the engine itself; then it is ended, and its call fails as lost. */
async function withDeadline<T>(agent: Agent, deadlineMs: number, body: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => agent.kill(), deadlineMs);
  try {
    return await body();
  } finally {
    clearTimeout(timer);
  }
}

function unknownState(state: string, reason: string): TriedState {
  const timing = { prepareMs: 0, mountMs: 0, recoverMs: 0, checkMs: 0, unmountMs: 0, restoreMs: 0 };
  return { state, verdict: { kind: 'unknown', reason }, filesystemVerdict: { kind: 'ok' }, reused: false, timing };
}
