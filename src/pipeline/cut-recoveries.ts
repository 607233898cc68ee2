/** After a state that held: the power goes again while it recovers, at each barrier of what that writes, and so on. */
import type { PlannedRecovery, TriedState } from '../engine/requests.ts';
import { recoveryDepth } from '../replay/crash-path.ts';
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

/** One that is violated or unknown already says nothing new when it is done twice. */
export async function cutRecoveries(
  place: TriedPlace,
  tried: TriedState | undefined,
  cutter: RecoveryCutter,
): Promise<void> {
  if (recoveryDepth(place.state) >= cutter.depth) return;
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
