import { goneUpTo, onlyDeletes } from '../oracle/history-reading.ts';
import { foundText, named } from '../oracle/words.ts';
import type { Invariant } from './invariant.ts';

export const deletedStaysDeleted: Invariant = {
  name: 'deleted-stays-deleted',
  sentence: 'What was deleted, and the deletion acknowledged, does not come back.',
  classes: ['ghost'],
  judge({ reading }) {
    if (reading === undefined) return undefined;
    for (const { key, found, part } of goneUpTo(reading, reading.moment.passed)) {
      if (!onlyDeletes(part) || reading.moment.mustSurvive(part.operation) !== true) continue;
      const message = `${named(part.operation, key)} was acknowledged, but ${foundText(key, found)}`;
      return { kind: 'violated', class: 'ghost', message };
    }
    return undefined;
  },
};
