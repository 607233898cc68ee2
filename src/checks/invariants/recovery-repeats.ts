import { foundText } from '../oracle/words.ts';
import type { Invariant } from './invariant.ts';

export const recoveryRepeats: Invariant = {
  name: 'recovery-repeats',
  sentence: 'Recovering a second time gives the same as the first time.',
  classes: ['unstable'],
  judge({ recovered, recoveredAgain }) {
    if (recovered.kind !== 'opened' || recoveredAgain === undefined) return undefined;
    if (recoveredAgain.kind === 'failed') {
      const { verdict } = recoveredAgain;
      if (verdict.kind === 'unknown') return verdict;
      return unstable(
        `the second recovery failed: ${verdict.kind === 'violated' ? verdict.message : 'without a reason'}`,
      );
    }
    const key = firstDifference(recovered.entries, recoveredAgain.entries);
    if (key === undefined) return undefined;
    const [first, second] = [recovered, recoveredAgain].map(({ entries }) => foundText(key, entries.get(key)));
    return unstable(`after the first recovery ${first}, after the second ${second}`);
  },
};

const unstable = (message: string) => ({ kind: 'violated', class: 'unstable', message }) as const;

function firstDifference(left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): string | undefined {
  for (const [key, value] of left) if (right.get(key) !== value) return key;
  return [...right.keys()].find((key) => !left.has(key));
}
