/**
 * After a state that held: the power goes again while it recovers, at each barrier of what that writes, and so on. Only
 * states that are a beginning of the log are gone on from: a second power cut asks what an honest disk does, so a disk that
 * lied or rotted before is no place to ask it, and what was kept of writes in flight makes as many states as there are subsets.
 */
import type { PlannedRecovery, TriedState } from '../engine/requests.ts';
import { outerState, recoveryDepth } from '../replay/crash-path.ts';
import { isPrefix } from '../replay/crash-state.ts';
import type { PlanItem } from '../replay/plan.ts';
import type { TriedPlace } from './tally.ts';

export interface RecoveryCutter {
  /** How often the power may go during recovery; 0: never. */
  readonly depth: number;
  /** Number of the next state within the plan's item. */
  nextOrder(): number;
  goesOn(): boolean;
  /** @returns undefined when the run is interrupted */
  plan(place: TriedPlace): Promise<PlannedRecovery | undefined>;
  try(place: TriedPlace): Promise<TriedState | undefined>;
  /** Told of each recovery that is to be looked into, before it is. */
  onOwed(): void;
  onPlanned(place: TriedPlace, recovery: PlannedRecovery): void;
}

/** Whether recoveries from there are cut, as long as they hold. */
export function isCut(item: PlanItem): boolean {
  return item.kind === 'state' && isPrefix(outerState(item.state));
}

/** What a reader must know of the states whose recovery is left alone; undefined when there are none. */
export function noteOnUncut(items: readonly PlanItem[]): string | undefined {
  if (items.every(isCut)) return undefined;
  return '--during-recovery cuts the recovery of states that are a beginning of the log (p347); that of all others is not cut';
}

/** One that is violated or unknown already says nothing new when it is done twice. */
export async function cutRecoveries(
  place: TriedPlace,
  tried: TriedState | undefined,
  cutter: RecoveryCutter,
): Promise<void> {
  if (recoveryDepth(place.state) >= cutter.depth || !isPrefix(outerState(place.state))) return;
  if (tried?.verdict.kind !== 'ok' || tried.filesystemVerdict.kind !== 'ok') return;
  cutter.onOwed();
  if (!cutter.goesOn()) return;
  const recovery = await cutter.plan(place);
  if (!recovery) return;
  cutter.onPlanned(place, recovery);
  for (const { state, twins } of recovery.states) {
    if (!cutter.goesOn()) return;
    const inside = { state, twins, order: cutter.nextOrder(), ackCount: place.ackCount };
    await cutRecoveries(inside, await cutter.try(inside), cutter);
  }
}
