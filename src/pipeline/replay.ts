import { closeSync, openSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { OpenRequest, TriedState } from '../engine/requests.ts';
import { FindingGroups } from '../checks/finding.ts';
import { worse, type Verdict } from '../checks/verdict.ts';
import { indexLog, type LogIndex } from '../dmlog/log-index.ts';
import { openLogFile } from '../dmlog/log-source.ts';
import { UsageError } from '../errors.ts';
import { withScope } from '../host/scope.ts';
import { scratchFolder } from '../host/scratch.ts';
import { acknowledgedCount, readAcknowledgements, type Acknowledgements } from '../replay/acknowledged.ts';
import { parseCrashState } from '../replay/crash-state.ts';
import { settleInversions, type Settlement } from '../replay/inversion.ts';
import { makePlan, type CrashPlan, type PlannedState } from '../replay/plan.ts';
import { STRATEGIES } from '../replay/strategies/registry.ts';
import type { RunEvent } from '../report/events.ts';
import type { RunReport } from '../report/report.ts';
import { markKind } from '../stores/mark-kind.ts';
import type { ReplayOptions } from './options.ts';
import type { Recording } from './recording.ts';
import { summarise } from './record.ts';
import { reproducingLine } from './reproduce.ts';
import { chooseReplayer, type Runner } from './runner.ts';
import { tryStates } from './try-states.ts';

/** A guest takes seconds to boot; a second one pays only when there is work for it. */
const STATES_PER_GUEST = 60;

export interface LoadedLog {
  readonly index: LogIndex;
  readonly acknowledgements: Acknowledgements;
  readonly settlement: Settlement;
}

/** Plans, tries every state, groups what was violated. */
export async function replayRecording(
  recording: Recording,
  options: ReplayOptions,
  emit: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<RunReport> {
  const started = performance.now();
  const log = loadLog(recording);
  const plan = await planStates(recording, log, options);
  const runner = await chooseReplayer(options, recording.manifest.filesystem.name);
  const workers = workerCount(options, runner, plan);
  emit(startEvent(recording, options, plan, runner, workers, log));
  const tally = new Tally(recording, options, emit);
  const deadline = options.timeBudgetMs === undefined ? Infinity : started + options.timeBudgetMs;
  await tryStates({
    runner,
    workers,
    states: plan.states,
    open: openRequest(recording, options),
    goOn: () => performance.now() < deadline && tally.findingCount < (options.maxFindings ?? Infinity),
    onTried: (planned, tried) => tally.add(planned, tried),
    signal,
  });
  signal.throwIfAborted();
  const run = tally.report(plan, performance.now() - started);
  emit({ type: 'replay-end', run });
  return run;
}

export function loadLog(recording: Recording): LoadedLog {
  const path = join(recording.folder, 'log');
  const source = openLogFile(path);
  const logFd = openSync(path, 'r');
  const finalFd = openSync(join(recording.folder, 'final.img'), 'r');
  try {
    const index = indexLog(source, { deviceBytes: recording.manifest.device.bytes });
    return {
      index,
      acknowledgements: readAcknowledgements(index, markKind),
      settlement: settleInversions(index, logFd, finalFd),
    };
  } finally {
    source.close();
    closeSync(logFd);
    closeSync(finalFd);
  }
}

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

function openRequest({ folder, manifest }: Recording, options: ReplayOptions): OpenRequest {
  const { recover, check, recoverTimeoutMs, checkTimeoutMs, fsck, cwd, env } = options;
  return {
    folder,
    recordingId: manifest.id,
    filesystem: manifest.filesystem.name,
    mountOptions: manifest.filesystem.mountOptions,
    sectorBytes: manifest.device.sectorBytes,
    ...(recover && { recover }),
    ...(check && { check }),
    recoverTimeoutMs,
    checkTimeoutMs,
    fsck,
    cwd,
    env,
  };
}

function workerCount(options: ReplayOptions, runner: Runner, plan: CrashPlan): number {
  const cores = availableParallelism();
  const wanted = runner.kind === 'native' ? cores + 1 : Math.min(cores, Math.ceil(plan.states.length / STATES_PER_GUEST));
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
    notes: notesOn(plan, log, options),
  };
}

/** What a reader of the verdict must know about what it does not cover. */
function notesOn(plan: CrashPlan, log: LoadedLog, options: ReplayOptions): string[] {
  const notes: string[] = [];
  if (plan.beforeReady > 0) {
    notes.push(`${plan.beforeReady} states before the workload said "ready" are left out (--from-start takes them in)`);
  }
  if (plan.skipped > 0) notes.push(`${plan.skipped} states hold a block whose content the log does not tell, and are skipped`);
  if (log.acknowledgements.ids.length === 0) {
    notes.push('the workload acknowledged nothing ("ack <id>" lines), so no loss can be seen');
  }
  if (!options.check) notes.push('no --check: only the file system and --recover are judged');
  return notes;
}

/** Counts verdicts and groups findings as states come in, in whatever order. */
class Tally {
  readonly #emit: (event: RunEvent) => void;
  readonly #groups: FindingGroups;
  readonly #recording: Recording;
  readonly #strategies: ReplayOptions['strategies'];
  readonly #started = performance.now();
  #tested = 0;
  #violated = 0;
  #unknown = 0;
  #verdict: Verdict = { kind: 'ok' };

  constructor(recording: Recording, options: ReplayOptions, emit: (event: RunEvent) => void) {
    this.#recording = recording;
    this.#strategies = options.strategies;
    this.#emit = emit;
    this.#groups = new FindingGroups((state) => reproducingLine(recording, options, state));
  }

  get findingCount(): number {
    return this.#groups.size;
  }

  add(planned: PlannedState, tried: TriedState): void {
    const verdict = worse(tried.verdict, tried.filesystemVerdict);
    this.#tested++;
    if (verdict.kind === 'violated') this.#violated++;
    if (verdict.kind === 'unknown') this.#unknown++;
    this.#verdict = worse(this.#verdict, verdict);
    const { state, order, ackCount: acked, twins } = planned;
    this.#emit({ type: 'state-end', state, acked, verdict, deduplicatedStates: twins });
    // The store's verdict and the file system's are kept apart; where the mount failed they are one.
    const verdicts = tried.verdict === tried.filesystemVerdict ? [verdict] : [tried.verdict, tried.filesystemVerdict];
    for (const each of new Set(verdicts)) {
      const finding = this.#groups.add({ order, state, acked, verdict: each, assumption: 'cache' });
      if (finding) this.#emit({ type: 'finding', finding });
    }
  }

  report(plan: CrashPlan, elapsedMs: number): RunReport {
    const replayMs = performance.now() - this.#started;
    return {
      filesystem: this.#recording.manifest.filesystem.spec,
      recording: summarise(this.#recording),
      strategies: this.#strategies,
      states: {
        planned: plan.planned,
        distinct: plan.states.length,
        tested: this.#tested,
        deduplicated: plan.planned - plan.skipped - plan.states.length,
        skipped: plan.skipped,
        violated: this.#violated,
        unknown: this.#unknown,
      },
      findings: this.#groups.findings(),
      timing: {
        recordMs: this.#recording.manifest.durationMs,
        replayMs: Math.round(elapsedMs),
        statesPerSecond: Math.round((this.#tested / Math.max(replayMs, 1)) * 10_000) / 10,
      },
    };
  }
}
