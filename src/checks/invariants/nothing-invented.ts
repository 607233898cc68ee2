import type { Invariant } from './invariant.ts';

export const nothingInvented: Invariant = {
  name: 'nothing-invented',
  sentence: 'Every key was written by some operation, and holds what operations wrote, whole.',
  classes: ['phantom', 'torn', 'corrupt'],
  judge({ reading }) {
    if (reading === undefined) return undefined;
    const [stranger] = reading.strangers;
    let unknown: string | undefined;
    for (const key of reading.keys.values()) {
      if (key.invention) return { kind: 'violated', ...key.invention };
      unknown ??= key.unknown;
    }
    if (stranger) return { kind: 'violated', ...stranger };
    return unknown === undefined ? undefined : { kind: 'unknown', reason: unknown };
  },
};
