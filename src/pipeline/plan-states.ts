import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { withScope } from '../host/scope.ts';
import { scratchFolder } from '../host/scratch.ts';
import { acknowledgedCount } from '../replay/acknowledged.ts';
import { compareCrashPaths, formatCrashPath, parseCrashPath } from '../replay/crash-path.ts';
import { isDoubtful } from '../replay/doubtful.ts';
import { whyIllegal, whyNotOnDevice } from '../replay/legal-state.ts';
import { makePlan, type ChosenStrategy, type CrashPlan, type PlannedState } from '../replay/plan.ts';
import { formatCrashState } from '../replay/state-id.ts';
import type { StrategyChoice } from '../replay/strategy-choice.ts';
import { STRATEGIES } from '../replay/strategies/registry.ts';
import type { Strategy } from '../replay/strategies/strategy.ts';
import { fileContent } from './file-content.ts';
import type { FindFiles } from './find-files.ts';
import type { LoadedLog } from './load-log.ts';
import type { ReplayOptions } from './options.ts';
import type { Recording } from './recording.ts';

/** The plan of the strategies, or exactly the states that were asked for. */
export async function planStates(
  recording: Recording,
  log: LoadedLog,
  options: ReplayOptions,
  findFiles: FindFiles,
): Promise<CrashPlan> {
  if (options.states) return planNamedStates(recording, log, options.states);
  const { sectorBytes } = recording.manifest.device;
  const strategies = options.strategies.map((choice) => chosen(choice, sectorBytes));
  const { fromStart, seed } = options;
  const byHistory = options.dump !== undefined && recording.manifest.counts.operations !== undefined;
  const paths = { base: join(recording.folder, 'base.img'), log: join(recording.folder, 'log') };
  const request = { ...log, ...paths, strategies, seed, fromStart, byHistory };
  const needsFiles = strategies.some(({ strategy }) => strategy.needsFiles);
  const content = needsFiles ? await fileContent(log.index, findFiles) : undefined;
  const plan = await withScope(async (scope) =>
    makePlan({ ...request, ...(content && { files: content.files }) }, scratchFolder(scope)),
  );
  return content ? { ...plan, notes: content.notes } : plan;
}

/** @throws UsageError when a value does not fit this device */
function chosen({ name, value }: StrategyChoice, sectorBytes: number): ChosenStrategy {
  const strategy: Strategy = STRATEGIES[name];
  const meant = value ?? strategy.value?.otherwise(sectorBytes) ?? 0;
  const obstacle = strategy.value?.obstacle(meant, sectorBytes);
  if (obstacle !== undefined) throw new UsageError(`--${name}=${meant}: ${obstacle}`);
  return { strategy, value: meant };
}

/** A state with a block of unknown content is left out also when it is asked for: its verdict would mean nothing. */
function planNamedStates(
  { manifest }: Recording,
  { index, acknowledgements, settlement }: LoadedLog,
  ids: readonly string[],
): CrashPlan {
  const named = [...new Set(ids)].map(parseCrashPath).sort(compareCrashPaths);
  for (const { outer } of named) {
    const why = whyIllegal(index, outer) ?? whyNotOnDevice(outer, manifest.device.bytes);
    if (why !== undefined) throw new UsageError(`${formatCrashState(outer)} is no state of this recording: ${why}`);
  }
  const items = named
    .filter(({ outer }) => !isDoubtful(index, settlement, outer))
    .map((path, order): PlannedState => {
      const { crashPoint: anchor } = path.outer;
      const ackCount = acknowledgedCount(index, acknowledgements, path.outer);
      return { kind: 'state', order, state: formatCrashPath(path), anchor, ackCount, twins: 0 };
    });
  return { items, planned: named.length, beforeReady: 0, skipped: named.length - items.length };
}
