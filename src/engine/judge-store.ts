/** The one way in which a crash is judged, whether the power went or a process was killed: recover, dump, check. */
import type { Recovered } from '../checks/invariants/invariant.ts';
import type { Loss } from '../checks/oracle/loss.ts';
import type { Passed } from '../checks/oracle/moment.ts';
import type { Oracle, Ruling } from '../checks/oracle/oracle.ts';
import { isExcused, worseUnder } from '../checks/excused.ts';
import type { Assumption, Verdict } from '../checks/verdict.ts';
import type { StoreSteps } from './store-steps.ts';

/** What a dump is held against. */
export interface Yardstick {
  readonly oracle: Oracle;
  /** How far the history had certainly come at the crash. */
  readonly passed: Passed;
  /** Recover and dump a second time, and compare. */
  readonly repeatRecovery: boolean;
  /** Of the device, which may excuse some violations; by default nothing is excused. */
  readonly assumption?: Assumption;
}

export interface StoreJudgement {
  readonly verdict: Verdict;
  /** Absent when nobody looked. */
  readonly losses?: readonly Loss[];
}

/**
 * @param yardstick undefined when there is no dump
 * @param onRecovered called when the store's own recovery has run
 */
export async function judgeStore(
  steps: StoreSteps,
  yardstick: Yardstick | undefined,
  onRecovered: () => void = () => undefined,
): Promise<StoreJudgement> {
  const recovery = await steps.recover();
  onRecovered();
  const dumped = yardstick && (await judgeDump(recovery, steps, yardstick));
  const assumption = yardstick?.assumption ?? 'cache';
  const checks = recovery.kind === 'ok' && leavesQuestions(dumped?.verdict, assumption);
  const verdict = checks ? await steps.check() : recovery;
  if (!dumped) return { verdict };
  return { verdict: worseUnder(assumption)(dumped.verdict, verdict), losses: dumped.losses };
}

/**
 * What the history says of a violation is more exact than what a check can say. But beside a loss that a rotten bit excuses
 * there may be a wrong value.
 */
function leavesQuestions(dumped: Verdict | undefined, assumption: Assumption): boolean {
  if (dumped?.kind !== 'violated') return true;
  return dumped.class !== 'wont-open' && isExcused(dumped, assumption);
}

async function judgeDump(recovery: Verdict, steps: StoreSteps, yardstick: Yardstick): Promise<Ruling> {
  const { oracle, passed, repeatRecovery, assumption } = yardstick;
  const recovered = await look(recovery, steps);
  const repeats = repeatRecovery && recovered.kind === 'opened';
  const again = repeats ? await look(await steps.recover(), steps) : undefined;
  return oracle.judge(recovered, passed, again, assumption);
}

async function look(recovery: Verdict, steps: StoreSteps): Promise<Recovered> {
  return recovery.kind === 'ok' ? steps.dump() : { kind: 'failed', verdict: recovery };
}
