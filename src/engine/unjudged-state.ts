import type { StateTiming, TriedState } from './requests.ts';

export const NO_TIMING: StateTiming = {
  prepareMs: 0,
  mountMs: 0,
  recoverMs: 0,
  checkMs: 0,
  unmountMs: 0,
  restoreMs: 0,
};

/** What there is to say of a state that could not be judged. */
export function unjudgedState(state: string, reason: string): TriedState {
  const timing = NO_TIMING;
  return { state, verdict: { kind: 'unknown', reason }, filesystemVerdict: { kind: 'ok' }, reused: false, timing };
}
