import { worseUnder } from '../excused.ts';
import type { Assumption, Verdict } from '../verdict.ts';
import { acknowledgedSurvive } from './acknowledged-survive.ts';
import { deletedStaysDeleted } from './deleted-stays-deleted.ts';
import type { Evidence, Invariant } from './invariant.ts';
import { nothingInvented } from './nothing-invented.ts';
import { orderKept } from './order-kept.ts';
import { recoveryRepeats } from './recovery-repeats.ts';
import { storeOpens } from './store-opens.ts';
import { transactionsWhole } from './transactions-whole.ts';

/**
 * The order is the precedence: of several violations in one crash state the first counts, so that one defect has one name.
 * A store that did not open says nothing about its content; what is half there or made up would otherwise pass for lost;
 * a gap is more than a loss; and a loss may have taken a deletion with it.
 */
export const INVARIANTS: readonly Invariant[] = [
  storeOpens,
  nothingInvented,
  transactionsWhole,
  orderKept,
  acknowledgedSurvive,
  deletedStaysDeleted,
  recoveryRepeats,
];

/** The worst of all verdicts: violated before unknown before ok. What the device excuses gives way to what it does not. */
export function judgeAll(evidence: Evidence, assumption: Assumption = 'cache'): Verdict {
  return INVARIANTS.map((invariant) => verdictOf(invariant, evidence)).reduce(worseUnder(assumption));
}

function verdictOf(invariant: Invariant, evidence: Evidence): Verdict {
  const judgement = invariant.judge(evidence);
  if (judgement === undefined) return { kind: 'ok' };
  return judgement.kind === 'unknown' ? judgement : { ...judgement, blamed: 'store', invariant: invariant.name };
}
