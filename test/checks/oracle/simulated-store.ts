/**
 * A correct store, simulated: each operation takes effect at one instant between its invocation and its end, effects go
 * into a log in that order, and a crash keeps a beginning of the log that holds all that was promised. A disk that lies
 * keeps that as it was at the lie, and of what came later any records, each of them whole.
 */
import fc from 'fast-check';
import type { Passed } from '../../../src/checks/oracle/moment.ts';
import { formatHistory, parseHistory, type History } from '../../../src/stores/history.ts';
import type { Completion, Effect, HistoryEvent, Invocation } from '../../../src/stores/history-event.ts';

export type Mode = 'sync' | 'group' | 'none';
export const GROUP_MS = 50;

export interface SimulatedCrash {
  readonly history: History;
  readonly passed: Passed;
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
  /** Some flush before the crash is a lie, and the last that is done. */
  readonly diskLies?: boolean;
}

/** As `--durability` has them. */
export const CONTRACTS: Record<Mode, readonly string[]> = {
  sync: ['sync'],
  group: [`group:${GROUP_MS}ms`],
  none: ['none'],
};

export const SHAPES: Record<string, Omit<SimulationOptions, 'mode'>> = {
  'one session, puts and deletes': { sessions: 1, keys: 4, ops: ['put', 'put', 'delete'] },
  'ten sessions, puts and deletes': { sessions: 10, keys: 5, ops: ['put', 'put', 'delete'] },
  'values that repeat': { sessions: 4, keys: 2, values: 2, ops: ['put', 'delete'] },
  transactions: { sessions: 4, keys: 5, ops: ['txn', 'txn', 'put', 'delete'] },
  batches: { sessions: 3, keys: 4, ops: ['batch', 'put', 'delete'] },
  appends: { sessions: 1, keys: 2, ops: ['append', 'append', 'put', 'delete'] },
  'concurrent appends': { sessions: 4, keys: 2, ops: ['append', 'append', 'append', 'put', 'delete'] },
  'appends that repeat': { sessions: 3, keys: 2, values: 2, ops: ['append', 'append', 'delete'] },
  everything: { sessions: 5, keys: 4, ops: ['put', 'delete', 'append', 'txn', 'batch'] },
};

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
  #lie: { readonly passed: number; readonly durable: number } | undefined;
  #at = 0;
  #nextId = 1;

  constructor(numbers: readonly number[], options: SimulationOptions) {
    this.#numbers = numbers;
    this.#options = options;
  }

  run(): SimulatedCrash {
    const crashAfter = 5 + this.#draw(this.#numbers.length);
    const lieAfter = this.#options.diskLies ? this.#draw(crashAfter) : Infinity;
    let crash: Omit<SimulatedCrash, 'history'> | undefined;
    while (this.#at < this.#numbers.length) {
      this.#step();
      if (this.#lie === undefined && this.#at > lieAfter) this.#lie = this.#tellLie();
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
    if (this.#options.diskLies) this.#lie ??= this.#tellLie();
    const durable = this.#lie?.durable ?? this.#durable(Infinity);
    const later = this.#log.slice(durable);
    const kept = this.#lie ? later.filter(() => this.#draw(2) === 0) : later.slice(0, this.#draw(later.length + 1));
    const entries = new Map<string, string>();
    for (const { effects } of [...this.#log.slice(0, durable), ...kept]) {
      for (const effect of effects) apply(entries, effect);
    }
    const reached = this.#marked();
    return { passed: this.#lie ? { passed: this.#lie.passed, reached } : reached, entries };
  }

  /** Only what was promised by the last mark before the lie is sure to be on the disk then. */
  #tellLie(): { passed: number; durable: number } {
    const passed = this.#marked();
    return { passed, durable: this.#durable(passed) };
  }

  /** Marks come in order and may be late, but an operation that waited began after its mark. */
  #marked(): number {
    const waited = this.#events.findLastIndex((event) => event.type === 'invoke' && event.reply);
    return waited + this.#draw(this.#events.length - waited);
  }

  /** Length of the shortest log that holds all that was promised by an event. */
  #durable(passed: number): number {
    return this.#log.findLastIndex(({ id }) => this.#okAt.get(id)! <= passed && this.#isPromised(id)) + 1;
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
