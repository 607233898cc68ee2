import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { OpenRequest } from '../engine/requests.ts';
import type { CrashPlan } from '../replay/plan.ts';
import type { RunEvent } from '../report/events.ts';
import type { RunReport } from '../report/report.ts';
import { parseDurability } from '../stores/durability.ts';
import { loadLog, type LoadedLog } from './load-log.ts';
import type { ReplayOptions } from './options.ts';
import { planStates } from './plan-states.ts';
import type { Recording } from './recording.ts';
import { chooseReplayer, type Runner } from './runner.ts';
import { Tally } from './tally.ts';
import { tryStates } from './try-states.ts';

/** A guest takes seconds to boot; a second one pays only when there is work for it. */
const STATES_PER_GUEST = 16;

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
  const plan = await planStates(recording, log, options);
  signal.throwIfAborted();
  const runner = await chooseReplayer(options, recording.manifest.filesystem.name);
  const workers = workerCount(options, runner, plan);
  emit(startEvent(recording, options, plan, runner, workers, log));
  const started = performance.now();
  const elapsedMs = (): number => performance.now() - started;
  const tally = new Tally(recording, options, emit);
  await tryStates({
    runner,
    workers,
    states: plan.states,
    open: openRequest(recording, options),
    goOn: () =>
      elapsedMs() < (options.timeBudgetMs ?? Infinity) && tally.findingCount < (options.maxFindings ?? Infinity),
    onOpened: noteOnce(emit),
    onTried: (planned, tried) => tally.add(planned, tried),
    signal,
  });
  signal.throwIfAborted();
  const run = tally.report(plan, elapsedMs());
  emit({ type: 'replay-end', run });
  return { run, runner };
}

/** All engines on one kernel find the same; it is told once. */
function noteOnce(emit: (event: RunEvent) => void): (tracing: string) => void {
  const told = new Set<string>();
  return (tracing) => {
    if (!told.has(tracing)) emit({ type: 'note', text: `what a state changes is found by: ${tracing}` });
    told.add(tracing);
  };
}

function openRequest({ folder, manifest }: Recording, options: ReplayOptions): OpenRequest {
  const { recover, dump, check, checkModule, recoverTimeoutMs, checkTimeoutMs, fsck, reuseVerdicts, cwd, env } =
    options;
  return {
    folder,
    recordingId: manifest.id,
    filesystem: manifest.filesystem.name,
    mountOptions: manifest.filesystem.mountOptions,
    sectorBytes: manifest.device.sectorBytes,
    ...(recover && { recover }),
    ...(dump && { dump }),
    ...(check && { check }),
    ...(checkModule !== undefined && { checkModule }),
    durability: parseDurability(options.durability),
    repeatRecovery: options.repeatRecovery,
    recoverTimeoutMs,
    checkTimeoutMs,
    fsck,
    reuseVerdicts,
    cwd,
    env,
  };
}

function workerCount(options: ReplayOptions, runner: Runner, plan: CrashPlan): number {
  const cores = availableParallelism();
  const wanted =
    runner.kind === 'native' ? cores + 1 : Math.min(cores, Math.ceil(plan.states.length / STATES_PER_GUEST));
  return Math.max(1, Math.min(options.workers ?? wanted, plan.states.length));
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
    strategies: options.strategies,
    runner: runner.description,
    workers,
    planned: plan.planned,
    distinct: plan.states.length,
    skipped: plan.skipped,
    notes: notesOn(plan, log, recording, options),
  };
}

/** What a reader of the verdict must know about what it does not cover. */
function notesOn(plan: CrashPlan, log: LoadedLog, recording: Recording, options: ReplayOptions): string[] {
  const notes: string[] = [];
  if (plan.beforeReady > 0) {
    notes.push(`${plan.beforeReady} states before the workload said "ready" are left out (--from-start takes them in)`);
  }
  if (plan.skipped > 0)
    notes.push(`${plan.skipped} states hold a block whose content the log does not tell, and are skipped`);
  if (log.acknowledgements.ids.length === 0) {
    notes.push('the workload acknowledged nothing ("ack <id>" lines), so no loss can be seen');
  }
  return [...notes, ...notesOnJudging(recording, options)];
}

function notesOnJudging({ manifest }: Recording, options: ReplayOptions): string[] {
  const { check, checkModule, dump, repeatRecovery } = options;
  const hasHistory = manifest.counts.operations !== undefined;
  if (!dump) {
    const hint = hasHistory ? '; with a --dump the history of the workload would be judged' : '';
    const checks = check !== undefined || checkModule !== undefined;
    const notes = checks ? [] : [`no --check and no --dump: only the file system and --recover are judged${hint}`];
    return repeatRecovery ? [...notes, '--repeat-recovery does nothing without --dump'] : notes;
  }
  if (hasHistory) return [];
  return [
    'the workload printed no history, so of what --dump prints nothing is judged but that it ends well (docs/histories.md)',
  ];
}
