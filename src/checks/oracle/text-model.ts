import type { Effect } from '../../stores/history-event.ts';
import type { Model } from './linearizability.ts';

/** Any text that is not the beginning of what is found is like any other: only a put or delete leads on from there. */
const DIVERGED = -2;
const NOTHING = -1;

/**
 * A key that is put, deleted and appended to, seen from what is found there at the end: of a value only its length
 * matters as long as it is the beginning of that. So a state is one number, however long the values are.
 *
 * @param hasResets some operation puts or deletes; without one, a value that went astray stays astray
 */
export function textModel(
  found: string | undefined,
  hasResets: boolean,
): Model<number, { readonly effects: readonly Effect[] }> {
  const match = (before: number, effect: Effect): number => {
    if (effect.op === 'delete') return NOTHING;
    const at = effect.op === 'put' ? 0 : Math.max(before, 0);
    if (found === undefined || (effect.op === 'append' && before === DIVERGED)) return DIVERGED;
    return found.startsWith(effect.value, at) ? at + effect.value.length : DIVERGED;
  };
  return {
    initial: NOTHING,
    apply(state, { effects }) {
      const after = effects.reduce(match, state);
      return after === DIVERGED && !hasResets ? undefined : after;
    },
    accepts: (state) => state === (found?.length ?? NOTHING),
    keyOf: (state) => state,
  };
}
