/**
 * What all writers said, in the order in which it was read.
 *
 * Several writers have a pipe each, so lines of different writers may be read in another order than they were printed in.
 * That is harmless where an operation waits for the answer to its `invoke` line: it then begins after that line was read, and
 * whatever was read before had been printed before. Without waiting, an operation that began first might seem to begin
 * after another had ended, and a sound store would be accused; so with several writers such a line is refused.
 */
import { parseHistoryEvent, type HistoryEvent } from '../stores/history-event.ts';
import { HistoryBuilder, type History } from '../stores/history.ts';
import { parseWorkloadLine } from '../stores/workload-line.ts';

interface Entry {
  readonly writer: number;
  readonly event: HistoryEvent;
}

/** What was known at one instant. */
export interface Instant {
  readonly acked: readonly string[];
  readonly history: History | undefined;
  /** Position of the last event of the history that had certainly happened; -1 for none. */
  readonly passed: number;
}

export class Tape {
  readonly #several: boolean;
  readonly #entries: Entry[] = [];
  readonly #acked: string[] = [];
  readonly #ready = new Set<number>();
  readonly #timesMs: number[] = [];
  #readyLine = 0;
  #fault: string | undefined;

  constructor(writers: number) {
    this.#several = writers > 1;
  }

  /** Lines of the contract so far, of all writers. */
  get lines(): number {
    return this.#timesMs.length;
  }

  /** When each of them was read, milliseconds. */
  get timesMs(): readonly number[] {
    return this.#timesMs;
  }

  /** How many lines there were when the last writer became ready; 0 when none has said so. */
  get readyLine(): number {
    return this.#readyLine;
  }

  get acked(): readonly string[] {
    return this.#acked;
  }

  /** What breaks the contract, the first of it. */
  get fault(): string | undefined {
    return this.#fault;
  }

  isReady(writer: number): boolean {
    return this.#ready.has(writer);
  }

  /** @returns whether the writer is to be answered */
  take(writer: number, line: string, nowMs: number): boolean {
    const parsed = parseWorkloadLine(line);
    if (parsed.kind === 'bad-ack') this.#blame(parsed.reason);
    const event = line.startsWith('{') ? parseHistoryEvent(line) : undefined;
    const isEvent = event !== undefined && event.type !== 'bad';
    if (isEvent) this.#add(writer, event);
    if (parsed.kind === 'transcript' && !isEvent) return false;
    this.#timesMs.push(nowMs);
    if (parsed.kind === 'ready') this.#readyLine = this.lines;
    // Who has begun to write has nothing more to prepare.
    this.#ready.add(writer);
    if (parsed.kind === 'ack') this.#acked.push(this.#name(writer, parsed.id));
    return parsed.kind === 'ack' || parsed.kind === 'invoke';
  }

  /** All that was said. An invocation to which the answer never went out had not begun: it comes last, after the instant. */
  end(unanswered: ReadonlySet<number>): Instant {
    const held = new Set([...unanswered].map((writer) => this.#lastWaiting(writer)).filter((index) => index >= 0));
    const begun = this.#entries.filter((_, index) => !held.has(index));
    const notBegun = this.#entries.filter((_, index) => held.has(index));
    const history = this.#toHistory([...begun, ...notBegun]);
    return { acked: [...this.#acked], history, passed: begun.length - 1 };
  }

  /** The whole history, seen from the instant at which only so much had been read. */
  at(ackCount: number, eventCount: number): Instant {
    return { acked: this.#acked.slice(0, ackCount), history: this.#toHistory(this.#entries), passed: eventCount - 1 };
  }

  /** Events of the history so far. */
  get eventCount(): number {
    return this.#entries.length;
  }

  #add(writer: number, event: HistoryEvent): void {
    if (this.#several && event.type === 'invoke' && !event.reply) {
      this.#blame(
        `operation ${event.id} does not wait: with several writers an "invoke" line must say "reply":true and wait for the ` +
          'answer, since otherwise nobody can tell the order of their operations (docs/kill.md)',
      );
    }
    const named = { ...event, id: this.#name(writer, event.id) };
    const session = event.type === 'invoke' && event.session !== undefined ? event.session : undefined;
    this.#entries.push({
      writer,
      event: session === undefined ? named : ({ ...named, session: this.#name(writer, session) } as HistoryEvent),
    });
  }

  /** Where this writer's last event is an invocation that waits. */
  #lastWaiting(writer: number): number {
    const index = this.#entries.findLastIndex((entry) => entry.writer === writer);
    const event = this.#entries[index]?.event;
    return event?.type === 'invoke' && event.reply ? index : -1;
  }

  #toHistory(entries: readonly Entry[]): History | undefined {
    const builder = new HistoryBuilder();
    for (const { event } of entries) {
      const fault = builder.add(event);
      if (fault !== undefined) this.#blame(`its history cannot be used: ${fault}`);
    }
    return builder.history;
  }

  /** Each writer counts its own operations. */
  #name(writer: number, id: string): string {
    return this.#several ? `${writer}:${id}` : id;
  }

  #blame(fault: string): void {
    this.#fault ??= fault;
  }
}
