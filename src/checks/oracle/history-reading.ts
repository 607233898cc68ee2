import type { History, Operation } from '../../stores/history.ts';
import { strangeKey, type Invention } from './invention.ts';
import { readKey, type KeyReading } from './key-reading.ts';
import type { Moment } from './moment.ts';
import { StepPurse } from './step-purse.ts';
import type { KeyOperation, Timelines } from './timeline.ts';

/** A recovered store held against a history at one moment: what each invariant looks at. */
export interface HistoryReading {
  readonly history: History;
  readonly moment: Moment;
  readonly keys: ReadonlyMap<string, KeyReading>;
  /** Keys that no operation names. */
  readonly strangers: readonly Invention[];
  /** Of the operations that are there for certain, the one that began last; and so for each named session. */
  readonly latestThere: Operation | undefined;
  readonly latestThereOf: ReadonlyMap<string, Operation>;
  readonly purse: StepPurse;
}

export interface Gone {
  readonly key: string;
  readonly found: string | undefined;
  readonly part: KeyOperation;
}

export function readHistory(
  history: History,
  timelines: Timelines,
  entries: ReadonlyMap<string, string>,
  moment: Moment,
  purse: StepPurse,
): HistoryReading {
  const keys = new Map<string, KeyReading>();
  for (const [key, timeline] of timelines) keys.set(key, readKey(timeline, entries.get(key), moment, purse));
  const strangers = [...entries.keys()].filter((key) => !timelines.has(key)).map((key) => strangeKey(key, timelines));
  return { history, moment, keys, strangers, purse, ...latestThere(keys) };
}

/** Operations that ended up to a position and are gone, key by key. */
export function* goneUpTo({ keys }: HistoryReading, end: number): Generator<Gone> {
  for (const [key, reading] of keys) {
    for (const part of reading.goneUpTo(end)) yield { key, found: reading.found, part };
  }
}

/** Nothing but a deletion: that it is gone shows as something that is there. */
export function onlyDeletes({ effects }: KeyOperation): boolean {
  return effects.every(({ op }) => op === 'delete');
}

function latestThere(keys: ReadonlyMap<string, KeyReading>) {
  let latest: Operation | undefined;
  const bySession = new Map<string, Operation>();
  for (const { writer } of keys.values()) {
    if (writer === undefined) continue;
    latest = laterOf(latest, writer);
    if (writer.session !== undefined) bySession.set(writer.session, laterOf(bySession.get(writer.session), writer));
  }
  return { latestThere: latest, latestThereOf: bySession };
}

function laterOf(left: Operation | undefined, right: Operation): Operation {
  return left === undefined || right.start > left.start ? right : left;
}
