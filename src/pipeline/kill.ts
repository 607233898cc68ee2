import { availableParallelism, release, tmpdir } from 'node:os';
import { performance } from 'node:perf_hooks';
import { startPlainAgent } from '../agent/native.ts';
import { filesystemTypeAt } from '../host/mounted.ts';
import { drawMoment, type KillMoment, type Measured } from '../kill/moment.ts';
import { trialSeed } from '../kill/random.ts';
import type { OpenKillRequest, TriedKill } from '../kill/requests.ts';
import type { RunEvent } from '../report/events.ts';
import { formatDuration } from '../report/format-duration.ts';
import type { RunReport } from '../report/report.ts';
import { parseDurability } from '../stores/durability.ts';
import type { KillOptions } from './kill-options.ts';
import { KillTally } from './kill-tally.ts';
import { runOnEngines } from './run-on-engines.ts';
import { stepsLimitMs } from './try-states.ts';

export interface PlannedTrial {
  readonly trial: number;
  /** Undefined: nothing is killed. */
  readonly moment?: KillMoment;
}

/** What one trial may take beyond its commands' own limits before its engine is given up: to end processes, to copy. */
const SLACK_MS = 60_000;
const UNDISTURBED: PlannedTrial = { trial: 0 };

/** Where trials run, for the report. */
export const killRunner = (): { kernel: string; description: string } => ({
  kernel: release(),
  description: `this kernel, ${release()}`,
});

/**
 * Runs the workload undisturbed, then kills it again and again. @throws the signal's reason when it is aborted; StepError
 * when the undisturbed workload fails
 */
export async function killStore(
  options: KillOptions,
  emit: (event: RunEvent) => void,
  signal: AbortSignal,
): Promise<RunReport> {
  return new Series(options, emit, signal).run();
}

class Series {
  readonly #options: KillOptions;
  readonly #emit: (event: RunEvent) => void;
  readonly #signal: AbortSignal;
  readonly #tally: KillTally;
  readonly #filesystem = filesystemTypeAt(tmpdir());
  readonly #startedMs = performance.now();
  #measured: Measured | undefined;

  constructor(options: KillOptions, emit: (event: RunEvent) => void, signal: AbortSignal) {
    this.#options = options;
    this.#emit = emit;
    this.#signal = signal;
    this.#tally = new KillTally(options, emit);
  }

  async run(): Promise<RunReport> {
    const { at, trial, trials } = this.#options;
    const measures = at === undefined || trial === 0;
    const wanted = trial === undefined ? range(1, trials) : [trial].filter((each) => each !== 0);
    // A trial that is asked for alone is alone; what is measured before it is no trial.
    const counted = wanted.length + (measures && (trial ?? 0) === 0 ? 1 : 0);
    this.#emit(this.#startEvent(counted));
    if (measures) await this.#measure((trial ?? 0) === 0);
    this.#signal.throwIfAborted();
    await this.#try(wanted.map((each) => ({ trial: each, moment: this.#momentOf(each) })));
    this.#signal.throwIfAborted();
    const planned = { planned: counted, disturbances: wanted.length };
    const run = this.#tally.report(this.#filesystem, planned, this.#measured, performance.now() - this.#startedMs);
    this.#emit({ type: 'kill-end', run });
    return run;
  }

  /** @param counts whether its verdict is one of the results */
  async #measure(counts: boolean): Promise<void> {
    await this.#runTrials([UNDISTURBED], 1, (planned, tried) => {
      this.#measured = tried.measured;
      if (counts) this.#tally.add(planned, tried);
      if (tried.measured) this.#emit({ type: 'note', text: describe(tried.measured) });
    });
  }

  #try(planned: readonly PlannedTrial[]): Promise<void> {
    const workers = Math.max(1, Math.min(this.#options.workers ?? availableParallelism(), planned.length));
    return this.#runTrials(planned, workers, (each, tried) => this.#tally.add(each, tried));
  }

  async #runTrials(
    items: readonly PlannedTrial[],
    workers: number,
    onTried: (planned: PlannedTrial, tried: TriedKill) => void,
  ): Promise<void> {
    if (items.length === 0) return;
    const { seed, timeBudgetMs = Infinity, maxFindings = Infinity, workloadTimeoutMs } = this.#options;
    const open = openRequest(this.#options);
    await runOnEngines<PlannedTrial>({
      items,
      workers,
      deadlineMs: 2 * workloadTimeoutMs + 2 * stepsLimitMs(open) + SLACK_MS,
      start: startPlainAgent,
      open: async (agent) => void (await agent.call('openKill', open)),
      tryItem: async (planned, lane) => {
        const { trial, moment } = planned;
        const request = { trial, seed: trialSeed(seed, trial), ...(moment && { moment }) };
        const tried = await lane.call(
          (agent) => agent.call('tryKill', request),
          (reason) => onTried(planned, { verdict: { kind: 'unknown', reason }, acked: 0, killed: false }),
        );
        if (tried) onTried(planned, tried);
      },
      goOn: () => performance.now() - this.#startedMs < timeBudgetMs && this.#tally.findingCount < maxFindings,
      signal: this.#signal,
    });
  }

  #momentOf(trial: number): KillMoment {
    const { at, seed, fromStart } = this.#options;
    // Nothing was measured only where the moment is given, or the time was up before; then nothing is tried either.
    const measured = this.#measured ?? { lines: 0, readyLine: 0, timesMs: [0, 0], stride: 1 };
    return at ?? drawMoment(measured, seed, trial, fromStart);
  }

  #startEvent(trials: number): RunEvent {
    const { mode, seed, writers, workers = availableParallelism() } = this.#options;
    const notes = notesOn(this.#options);
    const atOnce = Math.max(1, Math.min(workers, trials));
    return { type: 'kill-start', filesystem: this.#filesystem, mode, seed, trials, writers, workers: atOnce, notes };
  }
}

function openRequest(options: KillOptions): OpenKillRequest {
  const { setup, workload, workloadTimeoutMs, writers, mode, fromStart, cwd, env } = options;
  const { recover, dump, check, repeatRecovery, recoverTimeoutMs, checkTimeoutMs } = options;
  return {
    ...(setup && { setup }),
    ...(recover && { recover }),
    ...(dump && { dump }),
    ...(check && { check }),
    durability: parseDurability(options.durability),
    workload,
    workloadTimeoutMs,
    writers,
    mode,
    fromStart,
    repeatRecovery,
    recoverTimeoutMs,
    checkTimeoutMs,
    cwd,
    env,
  };
}

/** What a reader of the verdict must know about what it does not cover. */
function notesOn({ dump, check }: KillOptions): string[] {
  return dump === undefined && check === undefined ? ['no --check and no --dump: only --recover is judged'] : [];
}

function describe({ lines, readyLine, timesMs }: Measured): string {
  const ready = readyLine > 0 ? `, ready after ${readyLine}` : '';
  return `undisturbed, the workload prints ${lines} lines in ${formatDuration(timesMs.at(-1)!)}${ready}`;
}

const range = (first: number, last: number): number[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
