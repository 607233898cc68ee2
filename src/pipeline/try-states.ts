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
  readonly onTried: (planned: PlannedState, tried: TriedState) => void;
  readonly signal: AbortSignal;
}

/** What one state may take beyond its commands' own limits before its engine is given up: mount, unmount, fsck. */
const SLACK_MS = 120_000;
/** An engine that dies on every state is not the states' fault. */
const DEATHS_IN_A_ROW = 3;

/**
 * Tries all states on several engines at once. An engine that dies loses one state (its verdict is unknown), not the run.
 * @throws when engines die again and again, or cannot be started
 */
export async function tryStates(request: TryStatesRequest): Promise<void> {
  const queue = new WorkQueue(request.states, request.workers);
  const workers = Array.from({ length: request.workers }, (_, i) => i);
  await pMap(workers, () => new Worker(request, queue).run(), { concurrency: request.workers, stopOnError: true });
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
      const agent = (this.#agent ??= await this.#start());
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
    const agent = await this.#request.runner.start();
    await agent.call('open', this.#request.open);
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
  const timing = { prepareMs: 0, mountMs: 0, recoverMs: 0, checkMs: 0, unmountMs: 0 };
  return { state, verdict: { kind: 'unknown', reason }, filesystemVerdict: { kind: 'ok' }, timing };
}
