import { answerVerdict } from '../checks/outcome.ts';
import type { Verdict } from '../checks/verdict.ts';
import type { CheckFunction, RecoveredState } from '../config/config.ts';
import { messageOf } from '../errors.ts';

/**
 * Calls a check that is a function. One that never gives way (an endless loop) hangs the engine, which is then ended from
 * outside and loses this state only.
 */
export async function callCheck(check: CheckFunction, state: RecoveredState, timeoutMs: number): Promise<Verdict> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Verdict>((resolve) => {
    const reason = `the check was still running at its limit of ${timeoutMs / 1000} s`;
    timer = setTimeout(() => resolve({ kind: 'unknown', reason }), timeoutMs);
  });
  try {
    return await Promise.race([late, Promise.resolve(check(state)).then(answerVerdict)]);
  } catch (error) {
    return { kind: 'unknown', reason: `the check threw: ${messageOf(error)}` };
  } finally {
    clearTimeout(timer);
  }
}
