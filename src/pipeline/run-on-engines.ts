import pMap from 'p-map';
import type { Agent } from '../agent/agent.ts';
import { messageOf, PowercutError } from '../errors.ts';
import { WorkQueue } from './work-queue.ts';
import { withDeadline } from './with-deadline.ts';

/** What engines are to do with each item, whatever that is. */
export interface EngineWork<Item> {
  readonly items: readonly Item[];
  readonly workers: number;
  start(): Promise<Agent>;
  /** Called once for each engine, before its first item. */
  open(agent: Agent): Promise<void>;
  tryItem(item: Item, lane: EngineLane): Promise<void>;
  /** What one call may take at most before its engine is given up, milliseconds. */
  readonly deadlineMs: number;
  /** Asked before each item: whether to go on. */
  goOn(): boolean;
  readonly signal: AbortSignal;
}

/** One engine after the other, for one item after the other. */
export interface EngineLane {
  /** Whether there is to be another call. */
  goesOn(): boolean;
  /**
   * @param onLost told why when the engine died
   * @returns undefined when it did, or the run is interrupted
   */
  call<Result>(call: (agent: Agent) => Promise<Result>, onLost: (reason: string) => void): Promise<Result | undefined>;
}

/** An engine that dies on every item is not the items' fault. */
const DEATHS_IN_A_ROW = 3;

/**
 * Tries all items on several engines at once. An engine that dies loses one item (its verdict is unknown), not the run.
 * @throws when engines die again and again, or cannot be started; all others are closed by then
 */
export async function runOnEngines<Item>(work: EngineWork<Item>): Promise<void> {
  const queue = new WorkQueue(work.items, work.workers);
  const workers = Array.from({ length: work.workers }, (_, i) => i);
  const failed = new AbortController();
  const signal = AbortSignal.any([work.signal, failed.signal]);
  const run = async (): Promise<void> => {
    try {
      await new Worker(work, queue, signal).run();
    } catch (error) {
      // The other engines must not go on with a run that has failed already.
      failed.abort(error);
    }
  };
  await pMap(workers, run, { concurrency: work.workers });
  failed.signal.throwIfAborted();
}

class Worker<Item> implements EngineLane {
  readonly #work: EngineWork<Item>;
  readonly #queue: WorkQueue<Item>;
  readonly #signal: AbortSignal;
  #agent: Agent | undefined;
  #deaths = 0;

  constructor(work: EngineWork<Item>, queue: WorkQueue<Item>, signal: AbortSignal) {
    this.#work = work;
    this.#queue = queue;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    const stop = (): void => void this.#agent?.close();
    this.#signal.addEventListener('abort', stop);
    try {
      for (let run = this.#queue.take(); run.length > 0; run = this.#queue.take()) {
        for (const item of run) {
          if (!this.goesOn()) return;
          await this.#work.tryItem(item, this);
        }
      }
    } finally {
      this.#signal.removeEventListener('abort', stop);
      await this.#agent?.close();
    }
  }

  goesOn(): boolean {
    return !this.#signal.aborted && this.#work.goOn();
  }

  async call<Result>(
    call: (agent: Agent) => Promise<Result>,
    onLost: (reason: string) => void,
  ): Promise<Result | undefined> {
    try {
      const agent = this.#agent ?? (await this.#start());
      const result = await withDeadline(agent, this.#work.deadlineMs, () => call(agent));
      this.#deaths = 0;
      if (agent.leaving) await this.#replace(agent);
      return result;
    } catch (error) {
      if (this.#signal.aborted) return undefined;
      if (!isLostEngine(error) || ++this.#deaths >= DEATHS_IN_A_ROW) throw error;
      this.#agent = undefined;
      onLost(messageOf(error));
      return undefined;
    }
  }

  /** It cannot be used again, through no fault of its own. What it holds is let go of before the next one starts. */
  async #replace(agent: Agent): Promise<void> {
    this.#agent = undefined;
    await agent.close();
  }

  async #start(): Promise<Agent> {
    const agent = await this.#work.start();
    // From here on it is closed at the end, whatever becomes of the calls.
    this.#agent = agent;
    this.#signal.throwIfAborted();
    await this.#work.open(agent);
    return agent;
  }
}

const isLostEngine = (error: unknown): boolean => error instanceof PowercutError && error.code === 'engine-lost';
