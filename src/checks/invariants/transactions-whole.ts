import type { Operation } from '../../stores/history.ts';
import type { HistoryReading } from '../oracle/history-reading.ts';
import { mayBeThere, mayBeMissing } from '../oracle/presence.ts';
import { foundText, named } from '../oracle/words.ts';
import type { Invariant, Judgement } from './invariant.ts';

export const transactionsWhole: Invariant = {
  name: 'transactions-whole',
  sentence: 'A transaction is there on all of its keys or on none.',
  classes: ['torn'],
  judge({ reading }) {
    if (reading === undefined) return undefined;
    for (const operation of reading.history.operations) {
      if (operation.op !== 'txn' || reading.moment.isImpossible(operation)) continue;
      const judgement = judgeOne(reading, operation);
      if (judgement) return judgement;
    }
    if (reading.purse.left > 0) return undefined;
    return {
      kind: 'unknown',
      reason: 'there are too many transactions on appended keys to be judged within the limit',
    };
  },
};

function judgeOne(reading: HistoryReading, operation: Operation): Judgement | undefined {
  const keys = [...new Set(operation.effects.map(({ key }) => key))];
  const there = keys.find((key) => !mayBeMissing(reading, operation, key));
  if (there === undefined) return undefined;
  const missing = keys.find((key) => !mayBeThere(reading, operation, key));
  if (missing === undefined) return undefined;
  const foundOn = (key: string): string => foundText(key, reading.keys.get(key)!.found);
  const message = `half of ${named(operation)} is there: ${foundOn(there)}, but ${foundOn(missing)}`;
  return { kind: 'violated', class: 'torn', message };
}
