import type { LogIndex } from '../dmlog/log-index.ts';
import { countBelow } from '../ascending.ts';
import type { History } from '../stores/history.ts';
import { parseMark } from '../stores/mark-text.ts';

const EVENT_OF_MARK = { ack: 'ok', invoke: 'invoke', fail: 'fail' } as const;

/** Where the events of a history stand in the log, as far as they left marks there. One reader put them, in order. */
export class HistoryMarks {
  readonly #entries: number[] = [];
  readonly #positions: number[] = [];

  constructor(index: LogIndex, history: History) {
    const positions = new Map(history.events.map(({ type, id }, position) => [`${type}:${id}`, position]));
    for (let i = 0; i < index.marks.count; i++) {
      const mark = parseMark(index.marks.textAt(i));
      if (!('id' in mark)) continue;
      const position = positions.get(`${EVENT_OF_MARK[mark.kind]}:${mark.id}`);
      // A bare `ack` of something that the history does not know.
      if (position === undefined) continue;
      this.#entries.push(index.marks.entryAt(i));
      this.#positions.push(position);
    }
  }

  /** Position of the last event whose mark stands before this entry of the log; -1 when there is none. */
  passedBefore(entry: number): number {
    const count = countBelow(this.#entries, entry);
    return count === 0 ? -1 : this.#positions[count - 1]!;
  }
}
