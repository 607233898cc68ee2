/**
 * A history: what was invoked, in which order, and what came back. Positions are those of events in the history, so that
 * `left.end < right.start` says that one operation was over before the other began: its last line was printed before the
 * other's first one. That holds however late the lines were read.
 */
import { StepError } from '../errors.ts';
import { parseHistoryEvent, type Completion, type HistoryEvent, type Invocation } from './history-event.ts';

/** Its name in a recording. */
export const HISTORY_FILE = 'history.jsonl';

export interface Operation {
  readonly id: string;
  readonly op: Invocation['op'];
  readonly effects: Invocation['effects'];
  readonly session?: string;
  readonly class?: string;
  /** Position of its invocation. */
  readonly start: number;
  /** Position of its `ok`; Infinity when there is none, since then it may still take effect at any time. */
  readonly end: number;
  /** Position of its `fail`; Infinity when there is none. */
  readonly failedAt: number;
  /** It was not started before its invocation stood in the log. */
  readonly waited: boolean;
  /** When its `ok` was printed, if lines say when. */
  readonly okTimeMs?: number;
}

export interface History {
  readonly events: readonly HistoryEvent[];
  /** In the order of their invocations. */
  readonly operations: readonly Operation[];
}

/**
 * Reads a transcript, or a history kept as a file: lines that are no events are left out.
 * @returns undefined when there is no event at all
 * @throws StepError `bad-history` that names the line
 */
export function parseHistory(text: string): History | undefined {
  const builder = new HistoryBuilder();
  let line = 0;
  for (const each of text.split('\n')) {
    line++;
    if (!each.startsWith('{')) continue;
    const event = parseHistoryEvent(each);
    if (event === undefined) continue;
    const fault = event.type === 'bad' ? event.reason : builder.add(event);
    if (fault !== undefined) throw new StepError('bad-history', `line ${line} of the history cannot be used: ${fault}`);
  }
  return builder.history;
}

/** The events as lines that `parseHistory` reads back. */
export function formatHistory(history: History): string {
  return history.events.map((event) => `${JSON.stringify(toLine(event))}\n`).join('');
}

function toLine(event: HistoryEvent): object {
  if (event.type !== 'invoke') return event;
  const { effects, op, ...rest } = event;
  return op === 'txn' || op === 'batch' ? { ...rest, op, ops: effects } : { ...rest, ...effects[0] };
}

/** Takes events one after the other. */
export class HistoryBuilder {
  readonly #events: HistoryEvent[] = [];
  readonly #operations: { -readonly [Key in keyof Operation]: Operation[Key] }[] = [];
  readonly #open = new Map<string, number>();
  readonly #known = new Set<string>();

  get history(): History | undefined {
    return this.#events.length === 0 ? undefined : { events: this.#events, operations: this.#operations };
  }

  /** @returns what is wrong with it */
  add(event: HistoryEvent): string | undefined {
    const fault = event.type === 'invoke' ? this.#begin(event) : this.#finish(event);
    this.#events.push(event);
    return fault;
  }

  #begin({ type: _type, reply, timeMs: _timeMs, ...fields }: Invocation): string | undefined {
    if (this.#known.has(fields.id)) return `operation ${fields.id} was invoked before: ids are used once`;
    this.#known.add(fields.id);
    this.#open.set(fields.id, this.#operations.length);
    const unfinished = { end: Infinity, failedAt: Infinity, waited: reply };
    this.#operations.push({ ...fields, ...unfinished, start: this.#events.length });
    return undefined;
  }

  #finish({ type, id, timeMs }: Completion): string | undefined {
    const index = this.#open.get(id);
    if (index === undefined) {
      return this.#known.has(id) ? `operation ${id} has ended before` : `operation ${id} was never invoked`;
    }
    this.#open.delete(id);
    const operation = this.#operations[index]!;
    if (type === 'fail') operation.failedAt = this.#events.length;
    if (type !== 'ok') return undefined;
    operation.end = this.#events.length;
    if (timeMs !== undefined) operation.okTimeMs = timeMs;
    return undefined;
  }
}
