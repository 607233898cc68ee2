import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { withScope } from '../host/scope.ts';
import { scratchFolder } from '../host/scratch.ts';
import { acknowledgedCount } from '../replay/acknowledged.ts';
import { parseCrashState } from '../replay/crash-state.ts';
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

function planNamedStates({ index, acknowledgements }: LoadedLog, ids: readonly string[]): CrashPlan {
  const states = [...new Set(ids)]
    .map((id) => ({ id, state: parseCrashState(id) }))
    .sort((a, b) => (a.state.crashPoint ?? -1) - (b.state.crashPoint ?? -1))
    .map(({ id, state }, order): PlannedState => {
      if ((state.crashPoint ?? 0) >= index.entryCount) {
        throw new UsageError(`${id} is not in this log: its last entry is ${index.entryCount - 1}`);
      }
      const ackCount = acknowledgedCount(index, acknowledgements, state);
      return { order, state: id, crashPoint: state.crashPoint, ackCount, twins: 0 };
    });
  return { states, planned: states.length, beforeReady: 0, skipped: 0 };
}
