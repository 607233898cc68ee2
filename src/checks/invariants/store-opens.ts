import type { Invariant } from './invariant.ts';

export const storeOpens: Invariant = {
  name: 'store-opens',
  sentence: 'After a power cut the store comes back and tells what it holds, within its time limit.',
  // The others are what recover and dump may say of themselves, as a check may.
  classes: ['wont-open', 'lost', 'torn', 'reordered', 'corrupt', 'ghost', 'phantom'],
  judge({ recovered }) {
    if (recovered.kind === 'opened' || recovered.verdict.kind === 'ok') return undefined;
    return recovered.verdict;
  },
};
