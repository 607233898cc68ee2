import { messageOf } from '../errors.ts';
import { parseCrashPath } from '../replay/crash-path.ts';
import type { CrashDisks, RecoverFrom } from './crash-disks.ts';
import type { PlannedRecovery } from './requests.ts';

/** Records the recovery from a state. One that cannot be recorded is told, not thrown: the other states can go on. */
export async function planRecovery(
  disks: CrashDisks,
  state: string,
  recoverFrom: RecoverFrom,
): Promise<PlannedRecovery> {
  const plan = await disks.planRecovery(parseCrashPath(state), recoverFrom).catch(messageOf);
  if (typeof plan === 'string') return { states: [], planned: 0, skipped: 0, failure: plan };
  const { points, planned, skipped } = plan;
  return { planned, skipped, states: points.map(({ entry, twins }) => ({ state: `${state}:p${entry}`, twins })) };
}
