/**
 * A correct store, simulated: each operation takes effect at one instant between its invocation and its end, effects go
 * into a log in that order, and a crash keeps a beginning of the log that holds all that was promised.
 */
import fc from 'fast-check';
import { formatHistory, parseHistory, type History } from '../../../src/stores/history.ts';
import type { Completion, Effect, HistoryEvent, Invocation } from '../../../src/stores/history-event.ts';

export type Mode = 'sync' | 'group' | 'none';
export const GROUP_MS = 50;

export interface SimulatedCrash {
  readonly history: History;
  readonly passed: number;
  readonly entries: ReadonlyMap<string, string>;
}

interface Running {
  readonly invocation: Invocation;
  effective: boolean;
}

export interface SimulationOptions {
  readonly mode: Mode;
  readonly sessions: number;
  readonly ops: readonly Invocation['op'][];
  readonly keys: number;
  /** Values so few that several operations write the same one. */
  readonly values?: number;
}

/** Random numbers drawn by fast-check, so that what fails gets smaller. */
export const draws = fc.array(fc.nat(1_000_000), { minLength: 20, maxLength: 220 });

export function simulateCrash(numbers: readonly number[], options: SimulationOptions): SimulatedCrash {
  return new Simulation(numbers, options).run();
}

class Simulation {
  readonly #numbers: readonly number[];
  readonly #options: SimulationOptions;
  readonly #events: HistoryEvent[] = [];
  readonly #log: { readonly id: string; readonly effects: readonly Effect[]; readonly atomic: boolean }[] = [];
  readonly #running = new Map<number, Running>();
  /** Each session's info'd operations: they may still take effect. */
  readonly #limbo: Running[] = [];
  readonly #okAt = new Map<string, number>();
  #at = 0;
  #nextId = 1;

  constructor(numbers: readonly number[], options: SimulationOptions) {
    this.#numbers = numbers;
    this.#options = options;
  }

  run(): SimulatedCrash {
    const crashAfter = 5 + this.#draw(this.#numbers.length);
    let crash: Omit<SimulatedCrash, 'history'> | undefined;
    while (this.#at < this.#numbers.length) {
      this.#step();
      if (crash === undefined && this.#at > crashAfter) crash = this.#cut();
    }
    crash ??= this.#cut();
    const lines = formatHistory({ events: this.#events, operations: [] });
    return { history: parseHistory(lines) ?? { events: [], operations: [] }, ...crash };
  }

  #draw(below: number): number {
    return (this.#numbers[this.#at++] ?? 0) % below;
  }

  #step(): void {
    const session = this.#draw(this.#options.sessions);
    const running = this.#running.get(session);
    if (running === undefined) return this.#invoke(session);
    if (!running.effective && this.#draw(10) < 7) return this.#takeEffect(running);
    this.#end(session, running);
  }

  #invoke(session: number): void {
    const id = String(this.#nextId++);
    const op = this.#options.ops[this.#draw(this.#options.ops.length)]!;
    const effects = this.#effects(op, id);
    const invocation: Invocation = {
      type: 'invoke',
      id,
      op,
      effects,
      session: `s${session}`,
      reply: this.#draw(2) === 0,
      timeMs: this.#events.length * 10,
    };
    this.#events.push(invocation);
    this.#running.set(session, { invocation, effective: false });
  }

  #effects(op: Invocation['op'], id: string): Effect[] {
    if (op !== 'txn' && op !== 'batch') return [this.#effect(op, `k${this.#draw(this.#options.keys)}`, id)];
    const count = Math.min(this.#options.keys, 2 + this.#draw(2));
    const first = this.#draw(this.#options.keys);
    return Array.from({ length: count }, (_, i) => {
      const kind = this.#draw(5) === 0 ? 'delete' : 'put';
      return this.#effect(kind, `k${(first + i) % this.#options.keys}`, id);
    });
  }

  #effect(op: Effect['op'], key: string, id: string): Effect {
    const { values } = this.#options;
    const value = values === undefined ? `<${id}>` : `v${this.#draw(values)}`;
    return op === 'delete' ? { op, key } : { op, key, value };
  }

  #takeEffect(running: Running): void {
    const { id, effects, op } = running.invocation;
    running.effective = true;
    if (op === 'batch') for (const effect of effects) this.#log.push({ id, effects: [effect], atomic: false });
    else this.#log.push({ id, effects, atomic: true });
  }

  #end(session: number, running: Running): void {
    const { id } = running.invocation;
    const timeMs = this.#events.length * 10;
    const type: Completion['type'] = this.#draw(8) === 0 ? 'info' : running.effective ? 'ok' : 'fail';
    if (type === 'info' && !running.effective) this.#limbo.push(running);
    if (type === 'ok') this.#okAt.set(id, this.#events.length);
    this.#events.push({ type, id, timeMs });
    this.#running.delete(session);
    const late = this.#limbo.find((each) => !each.effective);
    if (late !== undefined && this.#draw(3) === 0) this.#takeEffect(late);
  }

  /** What the disk shows if the power goes now, and how far the marks had come. */
  #cut(): Omit<SimulatedCrash, 'history'> {
    const promised = this.#log.findLastIndex(({ id }) => this.#isPromised(id)) + 1;
    const kept = promised + this.#draw(this.#log.length - promised + 1);
    const entries = new Map<string, string>();
    for (const { effects } of this.#log.slice(0, kept)) for (const effect of effects) apply(entries, effect);
    // Marks come in order and may be late, but an operation that waited began after its mark.
    const waited = this.#events.findLastIndex((event) => event.type === 'invoke' && event.reply);
    const passed = waited + this.#draw(this.#events.length - waited);
    return { passed, entries };
  }

  #isPromised(id: string): boolean {
    const at = this.#okAt.get(id);
    if (at === undefined || this.#options.mode === 'none') return false;
    return this.#options.mode === 'sync' || (this.#events.length - 1 - at) * 10 > GROUP_MS;
  }
}

function apply(entries: Map<string, string>, effect: Effect): void {
  if (effect.op === 'delete') entries.delete(effect.key);
  else entries.set(effect.key, effect.op === 'put' ? effect.value : (entries.get(effect.key) ?? '') + effect.value);
}
