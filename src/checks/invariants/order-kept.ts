import type { Operation } from '../../stores/history.ts';
import { goneUpTo, onlyDeletes, type HistoryReading } from '../oracle/history-reading.ts';
import { mayBeThere } from '../oracle/presence.ts';
import { foundText, named } from '../oracle/words.ts';
import type { Invariant } from './invariant.ts';

/**
 * An operation that was over before a later one began must be there if the later one is. Where acknowledged means durable,
 * that follows, whoever did the two. Where it does not, only operations of one named session are held to an order: a store
 * that promises nothing has not promised that either. Within one key the order is always kept.
 *
 * All of that stands on flushes between the two. A disk that lies about one may keep the later operation without the
 * earlier one, on one key and on several; what was durable before the lie has to be there all the same, and is `lost` or a
 * `ghost` when it is not.
 */
export const orderKept: Invariant = {
  name: 'order-kept',
  sentence: 'When an operation is there, those that were over before it began are there too.',
  classes: ['reordered'],
  judge({ reading }) {
    if (reading === undefined || reading.moment.diskLied) return undefined;
    for (const [key, { gap, found }] of reading.keys) {
      if (gap) return reordered(key, found, gap.missing, gap.later);
    }
    if (reading.latestThere === undefined) return undefined;
    for (const { key, found, part } of goneUpTo(reading, reading.latestThere.start)) {
      // A deletion that is gone is a ghost, and named so.
      if (onlyDeletes(part)) continue;
      // One explanation of what is found does without it; another may not.
      if (mayBeThere(reading, part.operation, key)) continue;
      const later = laterOne(reading, part.operation);
      if (later !== undefined && part.end < later.start) return reordered(key, found, part.operation, later);
    }
    return undefined;
  },
};

function laterOne({ moment, latestThere, latestThereOf }: HistoryReading, missing: Operation): Operation | undefined {
  if (moment.promiseOf(missing).kind === 'sync') return latestThere;
  return missing.session === undefined ? undefined : latestThereOf.get(missing.session);
}

function reordered(key: string, found: string | undefined, missing: Operation, later: Operation) {
  const message = `${named(missing, key)} is gone (${foundText(key, found)}), but the later ${named(later)} is there`;
  return { kind: 'violated', class: 'reordered', message } as const;
}
