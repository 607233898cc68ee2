import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { DiskChoice, FastForwardMode, OpenResult } from '../engine/requests.ts';
import { UsageError } from '../errors.ts';
import { findFilesystem } from '../filesystems/registry.ts';
import { largestImageBytes } from '../replay/image-bytes.ts';
import type { CrashPlan } from '../replay/plan.ts';
import { takeShard } from '../replay/shard.ts';
import type { RunEvent } from '../report/events.ts';
import type { RunReport } from '../report/report.ts';
import { chooseWorkers, twinsObstacle } from './choose-workers.ts';
import { isCut, noteOnUncut } from './cut-recoveries.ts';
import { fileFinder } from './find-files.ts';
import { loadLog, type LoadedLog } from './load-log.ts';
import { recordsRecoveries, strategyTexts, type ReplayOptions } from './options.ts';
import { openRequest } from './open-request.ts';
import { planStates } from './plan-states.ts';
import { plannedCounts } from './planned-counts.ts';
import { assumptionsOf, type Recording } from './recording.ts';
import { shardReport } from './shard-report.ts';
import { withRecoveryLogs } from './recovery-logs.ts';
import type { Runner } from './runner.ts';
import { Tally } from './tally.ts';
import { tryStates, type TryStatesRequest } from './try-states.ts';
import { verifyFastForward } from './verify-fast-forward.ts';

/** Roughly what a small recovery on ext4 has to offer, mount and unmount included. */
const STATES_PER_RECOVERY = 10;

export interface Replayed {
  readonly run: RunReport;
  /** The kernel that tried the states. */
  readonly runner: Runner;
}

/** Plans, tries every state, groups what was violated. @throws the signal's reason when it is aborted */
export async function replayRecording(
  recording: Recording,
  options: ReplayOptions,
  emit: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<Replayed> {
  const log = loadLog(recording);
  const files = fileFinder(recording, options, signal);
  const whole = await planStates(recording, log, options, files.find);
  const { shard } = options;
  const plan = shard ? takeShard(whole, shard) : whole;
  signal.throwIfAborted();
  const runner = await files.runner();
  const imageBytes = largestImageBytes(join(recording.folder, 'base.img'), log.index);
  const cut = options.duringRecovery > 0 ? plan.items.filter(isCut).length : 0;
  const runs = plannedCounts(plan).distinct + cut * STATES_PER_RECOVERY;
  const alone = twinsObstacle(runner, findFilesystem(recording.manifest.filesystem.name));
  const need = { kind: runner.kind, items: plan.items.length, runs, imageBytes, alone };
  const { workers, note } = chooseWorkers(options, need);
  emit(startEvent(recording, options, plan, runner, workers, log));
  if (note !== undefined) emit({ type: 'note', text: note });
  const started = performance.now();
  const elapsedMs = (): number => performance.now() - started;
  const tally = new Tally(recording, log.index, options, emit);
  const request: TryStatesRequest = {
    runner,
    workers,
    index: log.index,
    items: plan.items,
    open: { ...openRequest(recording, options), scratchDisk: scratchDiskFor(options, plan) },
    goOn: () =>
      elapsedMs() < (options.timeBudgetMs ?? Infinity) && tally.findingCount < (options.maxFindings ?? Infinity),
    onOpened: noteOnce(emit),
    onTried: (place, tried) => tally.add(place, tried),
    duringRecovery: options.duringRecovery,
    onRecoveryOwed: () => tally.oweRecovery(),
    onRecoveryPlanned: (place, recovery) => tally.planRecovery(place, recovery),
    onSpaceEnd: (space, coverage, finished) => tally.endSpace(space, coverage, finished),
    signal,
  };
  const fastForward = options.fastForward ? await askFastForward(request, options, emit) : 'off';
  signal.throwIfAborted();
  await withRecoveryLogs(recording, recordsRecoveries(options), (recoveryLogs) =>
    tryStates({
      ...request,
      open: { ...request.open, fastForward, ...(recoveryLogs !== undefined && { recoveryLogs }) },
    }),
  );
  signal.throwIfAborted();
  if (tally.excuse !== undefined) emit({ type: 'note', text: tally.excuse });
  const counted = tally.report(plan, elapsedMs());
  const part = shard && { shard: shardReport(shard, whole, recording, options, tally.lastGood) };
  const run = { ...counted, ...part };
  emit({ type: 'replay-end', run });
  return { run, runner };
}

async function askFastForward(
  request: TryStatesRequest,
  { seed }: ReplayOptions,
  emit: (event: RunEvent) => void,
): Promise<FastForwardMode> {
  const { mode, note } = await verifyFastForward(request, seed);
  emit({ type: 'note', text: note });
  return mode;
}

/** All engines on one kernel find the same; it is told once. */
function noteOnce(emit: (event: RunEvent) => void): (opened: OpenResult) => void {
  const told = new Set<string>();
  return ({ tracing, disk }) => {
    const notes = [`what a state changes is found by: ${tracing}`, ...(disk ? [`crash states are on: ${disk}`] : [])];
    for (const text of notes.filter((note) => !told.has(note))) emit({ type: 'note', text });
    for (const text of notes) told.add(text);
  };
}

/**
 * What is recorded while it recovers is recorded from a file; and of a file it is certain that a mount has to read it anew,
 * since nothing of it was ever in the device's page cache, where it counts what is read.
 * @throws UsageError when something else was asked for
 */
function scratchDiskFor(options: ReplayOptions, { items }: CrashPlan): DiskChoice {
  const { scratchDisk } = options;
  if (!recordsRecoveries(options)) {
    return scratchDisk === 'auto' && items.some(({ kind }) => kind === 'space') ? 'loop' : scratchDisk;
  }
  if (options.scratchDisk !== 'zram') return 'loop';
  throw new UsageError('a power cut during recovery needs loop devices: leave --scratch-disk zram away');
}

function startEvent(
  recording: Recording,
  options: ReplayOptions,
  plan: CrashPlan,
  runner: Runner,
  workers: number,
  log: LoadedLog,
): RunEvent {
  return {
    type: 'replay-start',
    filesystem: recording.manifest.filesystem.spec,
    strategies: strategyTexts(options),
    seed: options.seed,
    ...(options.shard && { shard: options.shard }),
    runner: runner.description,
    workers,
    ...plannedCounts(plan),
    notes: notesOn(plan, log, recording, options),
  };
}

/** What a reader of the verdict must know about what it does not cover. */
function notesOn(plan: CrashPlan, log: LoadedLog, recording: Recording, options: ReplayOptions): string[] {
  const notes = [...(plan.notes ?? []), ...assumptionsOf(recording.manifest.filesystem)];
  const { ioError } = recording.manifest;
  if (ioError) {
    const { window, failedWrites } = ioError;
    notes.push(
      `recorded with --io-error ${window} (writes that failed: ${failedWrites}): what is younger assumes io-error`,
    );
  }
  if (plan.beforeReady > 0) {
    notes.push(`${plan.beforeReady} states before the workload said "ready" are left out (--from-start takes them in)`);
  }
  if (plan.skipped > 0)
    notes.push(`${plan.skipped} states hold a block whose content the log does not tell, and are skipped`);
  const uncut = options.duringRecovery > 0 ? noteOnUncut(plan.items) : undefined;
  if (uncut !== undefined) notes.push(uncut);
  if (log.acknowledgements.ids.length === 0) {
    notes.push('the workload acknowledged nothing ("ack <id>" lines), so no loss can be seen');
  }
  return [...notes, ...notesOnJudging(recording, options)];
}

function notesOnJudging({ manifest }: Recording, options: ReplayOptions): string[] {
  const { check, dump, repeatRecovery } = options;
  const hasHistory = manifest.counts.operations !== undefined;
  if (!dump) {
    const hint = hasHistory ? '; with a --dump the history of the workload would be judged' : '';
    const notes = check ? [] : [`no --check and no --dump: only the file system and --recover are judged${hint}`];
    return repeatRecovery ? [...notes, '--repeat-recovery does nothing without --dump'] : notes;
  }
  if (hasHistory) return [];
  return [
    'the workload printed no history, so of what --dump prints nothing is judged but that it ends well (docs/histories.md)',
  ];
}
