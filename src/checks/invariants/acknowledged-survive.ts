import { goneUpTo, onlyDeletes, type Gone } from '../oracle/history-reading.ts';
import { foundText, named } from '../oracle/words.ts';
import type { Invariant, Judgement } from './invariant.ts';

export const acknowledgedSurvive: Invariant = {
  name: 'acknowledged-survive',
  sentence: 'Whatever was acknowledged is there, as far as its class of operations was promised to be.',
  classes: ['lost'],
  judge({ reading }) {
    if (reading === undefined) return undefined;
    const { moment } = reading;
    let undated: Gone | undefined;
    let first: Gone | undefined;
    const ids = new Set<string>();
    for (const gone of goneUpTo(reading, moment.passed)) {
      const required = moment.mustSurvive(gone.part.operation);
      if (required === 'unknown') undated ??= gone;
      if (required !== true || onlyDeletes(gone.part)) continue;
      ids.add(gone.part.operation.id);
      if (first === undefined || gone.part.start < first.part.start) first = gone;
    }
    return first ? lost(first, ids.size) : undated && withoutTimes(undated);
  },
};

function lost({ key, found, part }: Gone, count: number): Judgement {
  const more = count > 1 ? ` (and ${count - 1} more)` : '';
  const message = `${named(part.operation, key)} was acknowledged and is gone: ${foundText(key, found)}${more}`;
  return { kind: 'violated', class: 'lost', message };
}

function withoutTimes({ key, part }: Gone): Judgement {
  const reason = 'its promise is one of time, and the history carries no "timeMs"';
  return {
    kind: 'unknown',
    reason: `${named(part.operation, key)} is gone; whether it may be cannot be told: ${reason}`,
  };
}
