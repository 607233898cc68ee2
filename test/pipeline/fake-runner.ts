import { setImmediate as turn } from 'node:timers/promises';
import type { Agent } from '../../src/agent/agent.ts';
import type { CallName } from '../../src/agent/protocol.ts';
import type { OpenRequest, TriedState, TryRequest } from '../../src/engine/requests.ts';
import { StepError } from '../../src/errors.ts';
import type { Runner } from '../../src/pipeline/runner.ts';

export const tried = (state: string): TriedState => ({
  state,
  verdict: { kind: 'ok' },
  filesystemVerdict: { kind: 'ok' },
  reused: false,
  timing: { prepareMs: 0, mountMs: 0, recoverMs: 0, checkMs: 0, unmountMs: 0, restoreMs: 0 },
});

export const engineLost = (): StepError => new StepError('engine-lost', 'the engine died\nOops: 0002');

/** What an engine does with each call; may throw as a real one. */
export interface FakeBehaviour {
  /** @param engine the how-manieth engine this is, from 0 */
  readonly open?: (engine: number) => Promise<void> | void;
  readonly try?: (state: string, engine: number) => Promise<void> | void;
  /** What the engine answers beside the usual. */
  readonly answer?: (state: string) => Partial<TriedState>;
  /** Whether this state is the last one that it can be used for. */
  readonly leaveAfter?: (state: string) => boolean;
  /** Whether it dies of this state. */
  readonly dieOnce?: (state: string) => boolean;
  readonly start?: (engine: number) => Promise<void> | void;
}

/** Engines that try nothing: pure logic stands in for a kernel. Knows what was asked of each and which are still open. */
export class FakeRunner implements Runner {
  readonly kind = 'native';
  readonly kernel = '6.1';
  readonly description = 'a fake';
  /** The states that each engine was asked for, in order. */
  readonly asked: string[][] = [];
  readonly open = new Set<number>();
  /** What each engine was told when it was opened. */
  readonly sharesKernel: (boolean | undefined)[] = [];
  readonly #leaving = new Set<number>();
  readonly #behaviour: FakeBehaviour;

  constructor(behaviour: FakeBehaviour = {}) {
    this.#behaviour = behaviour;
  }

  get started(): number {
    return this.asked.length;
  }

  async start(): Promise<Agent> {
    const engine = this.asked.push([]) - 1;
    await this.#behaviour.start?.(engine);
    this.open.add(engine);
    let lose: (error: Error) => void = () => undefined;
    const lost = new Promise<never>((_, reject) => (lose = reject));
    lost.catch(() => undefined);
    const end = (): void => {
      this.open.delete(engine);
      lose(engineLost());
    };
    const call = (name: CallName, request: unknown): Promise<never> =>
      Promise.race([this.#answer(name, request, engine), lost]) as Promise<never>;
    const isLeaving = (): boolean => this.#leaving.has(engine);
    return {
      kernel: this.kernel,
      get leaving() {
        return isLeaving();
      },
      call,
      close: () => turn(end()),
      kill: end,
    };
  }

  async #answer(name: CallName, request: unknown, engine: number): Promise<unknown> {
    await turn();
    if (name === 'open') {
      this.sharesKernel.push((request as OpenRequest).sharesKernel);
      await this.#behaviour.open?.(engine);
      return { tracing: 'nothing' };
    }
    const { state } = request as TryRequest;
    this.asked[engine]!.push(state);
    await this.#behaviour.try?.(state, engine);
    if (this.#behaviour.dieOnce?.(state)) throw engineLost();
    if (this.#behaviour.leaveAfter?.(state)) this.#leaving.add(engine);
    return { ...tried(state), ...this.#behaviour.answer?.(state) };
  }
}
