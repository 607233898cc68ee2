import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { withScope } from '../host/scope.ts';
import { scratchFolder } from '../host/scratch.ts';
import { acknowledgedCount } from '../replay/acknowledged.ts';
import { formatCrashState, parseCrashState } from '../replay/crash-state.ts';
import { isDoubtful } from '../replay/inversion.ts';
import { makePlan, type CrashPlan, type PlannedState } from '../replay/plan.ts';
import { STRATEGIES } from '../replay/strategies/registry.ts';
import type { LoadedLog } from './load-log.ts';
import type { ReplayOptions } from './options.ts';
import type { Recording } from './recording.ts';

/** The plan of the strategies, or exactly the states that were asked for. */
export function planStates(recording: Recording, log: LoadedLog, options: ReplayOptions): Promise<CrashPlan> {
  if (options.states) return Promise.resolve(planNamedStates(log, options.states));
  const strategies = options.strategies.map((name) => STRATEGIES[name]);
  const { fromStart } = options;
  const files = { base: join(recording.folder, 'base.img'), log: join(recording.folder, 'log') };
  return withScope(async (scope) => makePlan({ ...log, ...files, strategies, fromStart }, scratchFolder(scope)));
}

/** A state with a block of unknown content is left out also when it is asked for: its verdict would mean nothing. */
function planNamedStates({ index, acknowledgements, settlement }: LoadedLog, ids: readonly string[]): CrashPlan {
  const named = [...new Set(ids)].map(parseCrashState).sort((a, b) => (a.crashPoint ?? -1) - (b.crashPoint ?? -1));
  for (const state of named) {
    if ((state.crashPoint ?? 0) < index.entryCount) continue;
    throw new UsageError(`${formatCrashState(state)} is not in this log: its last entry is ${index.entryCount - 1}`);
  }
  const states = named
    .filter(({ crashPoint }) => !isDoubtful(settlement.doubts, crashPoint))
    .map((state, order): PlannedState => {
      const ackCount = acknowledgedCount(index, acknowledgements, state);
      return { order, state: formatCrashState(state), crashPoint: state.crashPoint, ackCount, twins: 0 };
    });
  return { states, planned: named.length, beforeReady: 0, skipped: named.length - states.length };
}
