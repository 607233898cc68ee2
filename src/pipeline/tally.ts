import type { TriedState } from '../engine/requests.ts';
import { FindingGroups } from '../checks/finding.ts';
import { worse, type Verdict } from '../checks/verdict.ts';
import type { CrashPlan, PlannedState } from '../replay/plan.ts';
import type { RunEvent } from '../report/events.ts';
import type { RunReport, UnknownReason } from '../report/report.ts';
import { parseDurability } from '../stores/durability.ts';
import { LossTally } from './loss-tally.ts';
import type { ReplayOptions } from './options.ts';
import { summarise, type Recording } from './recording.ts';
import { reproducingLine } from './reproduce.ts';

/** So many different reasons are reported; more would help nobody. */
const UNKNOWN_REASONS = 20;

/** Counts verdicts and groups findings as states come in, in whatever order. */
export class Tally {
  readonly #emit: (event: RunEvent) => void;
  readonly #groups: FindingGroups;
  readonly #recording: Recording;
  readonly #strategies: ReplayOptions['strategies'];
  readonly #losses: LossTally | undefined;
  readonly #unknowns = new Map<string, { state: string; states: number }>();
  #tested = 0;
  #violated = 0;
  #unknown = 0;
  #reused = 0;

  constructor(recording: Recording, options: ReplayOptions, emit: (event: RunEvent) => void) {
    this.#recording = recording;
    this.#strategies = options.strategies;
    this.#emit = emit;
    const judged = options.dump !== undefined && recording.manifest.counts.operations !== undefined;
    this.#losses = judged ? new LossTally(parseDurability(options.durability)) : undefined;
    this.#groups = new FindingGroups((state) => reproducingLine(recording, options, state));
  }

  get findingCount(): number {
    return this.#groups.size;
  }

  add(planned: PlannedState, tried: TriedState): void {
    const { state, order, ackCount: acked, twins } = planned;
    const verdict = worse(tried.verdict, tried.filesystemVerdict);
    this.#tested++;
    if (tried.reused) this.#reused++;
    this.#losses?.add(state, tried.losses ?? []);
    if (verdict.kind === 'violated') this.#violated++;
    if (verdict.kind === 'unknown') this.#noteUnknown(verdict.reason, state);
    this.#emit({ type: 'state-end', state, acked, verdict, deduplicatedStates: twins });
    for (const each of verdictsOf(tried)) {
      const finding = this.#groups.add({ order, state, acked, verdict: each, assumption: 'cache' });
      if (finding) this.#emit({ type: 'finding', finding });
    }
  }

  report(plan: CrashPlan, elapsedMs: number): RunReport {
    const { filesystem } = this.#recording.manifest;
    return {
      filesystem: filesystem.spec,
      recording: summarise(this.#recording),
      strategies: this.#strategies,
      states: {
        planned: plan.planned,
        distinct: plan.states.length,
        tested: this.#tested,
        deduplicated: plan.planned - plan.skipped - plan.states.length,
        reused: this.#reused,
        skipped: plan.skipped,
        violated: this.#violated,
        unknown: this.#unknown,
      },
      findings: this.#groups.findings(),
      ...(this.#unknowns.size > 0 && { unknowns: this.#reasons() }),
      ...(this.#losses && { durability: this.#losses.windows() }),
      timing: {
        recordMs: this.#recording.manifest.durationMs,
        replayMs: Math.round(elapsedMs),
        statesPerSecond: Math.round((this.#tested / Math.max(elapsedMs, 1)) * 10_000) / 10,
      },
    };
  }

  #noteUnknown(reason: string, state: string): void {
    this.#unknown++;
    const known = this.#unknowns.get(reason);
    if (known) known.states++;
    else if (this.#unknowns.size < UNKNOWN_REASONS) this.#unknowns.set(reason, { state, states: 1 });
  }

  #reasons(): UnknownReason[] {
    const reasons = [...this.#unknowns].map(([reason, { state, states }]) => ({ reason, state, states }));
    return reasons.sort((a, b) => b.states - a.states);
  }
}

/** The store's verdict and the file system's are kept apart; a disk that does not mount leaves only the latter. */
function verdictsOf({ verdict, filesystemVerdict }: TriedState): Verdict[] {
  return JSON.stringify(verdict) === JSON.stringify(filesystemVerdict) ? [verdict] : [verdict, filesystemVerdict];
}
