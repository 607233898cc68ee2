import { relative } from 'node:path';
import { formatMoment, type KillMoment, type Measured } from '../kill/moment.ts';
import type { TriedKill } from '../kill/requests.ts';
import type { RunEvent } from '../report/events.ts';
import type { RunReport } from '../report/report.ts';
import { parseDurability } from '../stores/durability.ts';
import { COMMAND_PHASES, FUNCTION_PHASES, isFunction, wordsOf } from '../stores/store.ts';
import { formatWords } from '../stores/words.ts';
import { storeInvariants } from './invariants-in-force.ts';
import type { KillOptions } from './kill-options.ts';
import { perSecond, VerdictTally } from './verdict-tally.ts';

interface Trial {
  readonly trial: number;
  readonly moment?: KillMoment;
}

export interface PlannedTrials {
  /** The undisturbed one among them, where its verdict counts. */
  readonly planned: number;
  /** All but the undisturbed one. */
  readonly disturbances: number;
}

/** Adds up what trials come to. */
export class KillTally {
  readonly #options: KillOptions;
  readonly #verdicts: VerdictTally;
  readonly #trials = new Map<string, Trial>();
  #killed = 0;

  constructor(options: KillOptions, emit: (event: RunEvent) => void) {
    this.#options = options;
    this.#verdicts = new VerdictTally({
      emit,
      assumptionOf: () => 'process',
      contract: options.dump ? parseDurability(options.durability) : undefined,
      reproduce: (state) => reproducingTrial(options, this.#trials.get(state)!),
    });
  }

  get findingCount(): number {
    return this.#verdicts.findingCount;
  }

  add(trial: Trial, { verdict, losses, acked, killed }: TriedKill): void {
    const state = `k${trial.trial}`;
    this.#trials.set(state, trial);
    if (killed) this.#killed++;
    const order = trial.trial;
    this.#verdicts.add({
      order,
      state,
      acked,
      twins: 0,
      reused: false,
      verdicts: [verdict],
      ...(losses && { losses }),
    });
  }

  report(filesystem: string, trials: PlannedTrials, measured: Measured | undefined, elapsedMs: number): RunReport {
    const { planned, disturbances } = trials;
    const { mode, seed, writers } = this.#options;
    const { counts } = this.#verdicts;
    const workload = measured && { lines: measured.lines, workloadMs: Math.round(measured.timesMs.at(-1)!) };
    return {
      filesystem,
      seed,
      kill: { mode, writers, disturbances, killed: this.#killed, ...workload },
      strategies: [mode === 'kill' ? 'SIGKILL' : 'SIGSTOP'],
      states: { planned, distinct: planned, deduplicated: 0, skipped: 0, ...counts },
      invariants: storeInvariants(this.#options, true),
      ...this.#verdicts.results(),
      timing: {
        recordMs: 0,
        replayMs: Math.round(elapsedMs),
        statesPerSecond: perSecond(counts.tested, elapsedMs),
      },
    };
  }
}

/** The line that repeats one trial, to be pasted where powercut was called. */
export function reproducingTrial(options: KillOptions, { trial, moment }: Trial): string {
  const { seed, mode, writers, cwd } = options;
  const configFile = options.configFile ?? FUNCTION_PHASES.map((phase) => options[phase]).find(isFunction)?.module;
  const words = ['powercut', 'kill', '--seed', String(seed), '--trial', String(trial)];
  if (moment) words.push('--at', formatMoment(moment));
  if (mode !== 'kill') words.push('--mode', mode);
  if (writers > 1) words.push('--writers', String(writers));
  if (options.fromStart) words.push('--from-start');
  for (const phase of COMMAND_PHASES) {
    const command = wordsOf(options[phase]);
    if (command) words.push(`--${phase}`, formatWords(command));
  }
  for (const promise of options.durability) words.push('--durability', promise);
  if (options.repeatRecovery) words.push('--repeat-recovery');
  if (configFile !== undefined) words.push('--config', relative(cwd, configFile));
  return `npx ${formatWords(words)}`;
}
