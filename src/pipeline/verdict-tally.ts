import { isExcused } from '../checks/excused.ts';
import { FindingGroups, type Finding } from '../checks/finding.ts';
import type { Loss } from '../checks/oracle/loss.ts';
import { worse, type Assumption, type Verdict } from '../checks/verdict.ts';
import type { RunEvent } from '../report/events.ts';
import { UNKNOWN_REASONS_MAX, type RunReport, type StateCounts, type UnknownReason } from '../report/report.ts';
import type { DurabilityContract } from '../stores/durability.ts';
import { LossTally } from './loss-tally.ts';

export interface TallyOptions {
  readonly emit: (event: RunEvent) => void;
  /** Makes the line that tries a state again. */
  readonly reproduce: (state: string) => string;
  /** What has to be believed for this crash to occur. */
  readonly assumptionOf: (state: string) => Assumption;
  /** Adds to a finding what only the caller knows. */
  readonly complete?: (finding: Finding) => Finding;
  /** Given when losses are measured. */
  readonly contract: DurabilityContract | undefined;
}

/** One crash that was tried, of whatever kind. */
export interface Judged {
  readonly order: number;
  readonly state: string;
  readonly acked: number;
  /** Planned states that this verdict settles besides. */
  readonly twins: number;
  /** All that were given on it; the worst is the state's. */
  readonly verdicts: readonly Verdict[];
  readonly losses?: readonly Loss[];
  readonly reused: boolean;
  /** The power went again while the store recovered. */
  readonly duringRecovery?: boolean;
}

const EXCUSES: Readonly<Partial<Record<Assumption, string>>> = {
  'bit-rot': 'bit rot',
  'io-error': 'a write that failed',
};

/** Counts verdicts and groups findings as they come in, in whatever order. */
export class VerdictTally {
  readonly #options: TallyOptions;
  readonly #groups: FindingGroups;
  readonly #losses: LossTally | undefined;
  readonly #unknowns = new Map<string, { state: string; states: number }>();
  /** States, by what excuses and by class. */
  readonly #excused = new Map<Assumption, Map<string, number>>();
  readonly #counts = { tested: 0, violated: 0, unknown: 0, reused: 0 };

  constructor(options: TallyOptions) {
    this.#options = options;
    this.#losses = options.contract && new LossTally(options.contract);
    this.#groups = new FindingGroups(options.reproduce);
  }

  get findingCount(): number {
    return this.#groups.size;
  }

  /** The last state of the plan, so far, on which all verdicts were ok. */
  get lastGood(): string | undefined {
    return this.#groups.lastGood;
  }

  get counts(): Pick<StateCounts, 'tested' | 'violated' | 'unknown' | 'reused'> {
    return { ...this.#counts };
  }

  add({ order, state, acked, twins, verdicts, losses, reused, duringRecovery = false }: Judged): void {
    const { emit } = this.#options;
    const assumption = this.#options.assumptionOf(state);
    const held = verdicts.map((each) => this.#excuse(each, assumption));
    const verdict = held.reduce(worse);
    this.#counts.tested++;
    if (reused) this.#counts.reused++;
    // What a rotten bit took was lost by nobody's promise.
    if (assumption !== 'bit-rot') this.#losses?.add(state, losses ?? []);
    if (verdict.kind === 'violated') this.#counts.violated++;
    if (verdict.kind === 'unknown') this.#noteUnknown(verdict.reason, state);
    emit({ type: 'state-end', state, acked, verdict, deduplicatedStates: twins });
    for (const each of held) {
      const judged = { order, state, acked, verdict: each, assumption };
      const finding = this.#groups.add({ ...judged, ...(duringRecovery && { duringRecovery: true as const }) });
      if (finding) emit({ type: 'finding', finding: this.#complete(finding) });
    }
  }

  /** What violations were no violations, since the device is to blame; undefined when there were none. */
  get excuse(): string | undefined {
    if (this.#excused.size === 0) return undefined;
    const reasons = [...this.#excused].map(([assumption, classes]) => {
      const counts = [...classes].map(([name, states]) => `${name} in ${states}`);
      return `since ${EXCUSES[assumption] ?? assumption} excuses it: ${counts.join(', ')}`;
    });
    return `held all the same, ${reasons.join('; ')} of ${this.#counts.tested} states`;
  }

  /** The part of a run's report that is about verdicts. */
  results(): Pick<RunReport, 'findings' | 'unknowns' | 'durability'> {
    return {
      findings: this.#groups.findings().map((finding) => this.#complete(finding)),
      ...(this.#unknowns.size > 0 && { unknowns: this.#reasons() }),
      ...(this.#losses && { durability: this.#losses.windows() }),
    };
  }

  #complete(finding: Finding): Finding {
    return this.#options.complete?.(finding) ?? finding;
  }

  #excuse(verdict: Verdict, assumption: Assumption): Verdict {
    if (verdict.kind !== 'violated' || !isExcused(verdict, assumption)) return verdict;
    const classes = this.#excused.get(assumption) ?? new Map<string, number>();
    this.#excused.set(assumption, classes.set(verdict.class, (classes.get(verdict.class) ?? 0) + 1));
    return { kind: 'ok' };
  }

  #noteUnknown(reason: string, state: string): void {
    this.#counts.unknown++;
    const known = this.#unknowns.get(reason);
    if (known) known.states++;
    else if (this.#unknowns.size < UNKNOWN_REASONS_MAX) this.#unknowns.set(reason, { state, states: 1 });
  }

  #reasons(): UnknownReason[] {
    const reasons = [...this.#unknowns].map(([reason, { state, states }]) => ({ reason, state, states }));
    return reasons.sort((a, b) => b.states - a.states);
  }
}

/** For a report: one digit behind the point. */
export function perSecond(count: number, elapsedMs: number): number {
  return Math.round((count / Math.max(elapsedMs, 1)) * 10_000) / 10;
}
