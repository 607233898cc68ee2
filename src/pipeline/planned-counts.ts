import { runsOf, type CrashPlan } from '../replay/plan.ts';
import type { PlannedCounts } from '../report/report.ts';

/** What a plan amounts to if no run settles more than itself. */
export function plannedCounts({ items, planned, skipped }: CrashPlan): PlannedCounts {
  const single = items.filter(({ kind }) => kind === 'state').length;
  const distinct = items.reduce((sum, item) => sum + runsOf(item), 0);
  return { planned: planned + distinct - single, distinct, skipped };
}
