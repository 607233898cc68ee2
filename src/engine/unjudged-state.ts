import type { TriedState } from './requests.ts';

/** What there is to say of a state that could not be judged. */
export function unjudgedState(state: string, reason: string): TriedState {
  const timing = { prepareMs: 0, mountMs: 0, recoverMs: 0, checkMs: 0, unmountMs: 0, restoreMs: 0 };
  return { state, verdict: { kind: 'unknown', reason }, filesystemVerdict: { kind: 'ok' }, reused: false, timing };
}
