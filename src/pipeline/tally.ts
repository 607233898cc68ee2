import type { PlannedRecovery, TriedState } from '../engine/requests.ts';
import type { LogIndex } from '../dmlog/log-index.ts';
import type { Finding } from '../checks/finding.ts';
import type { Verdict } from '../checks/verdict.ts';
import { assumptionOf } from '../replay/assumption.ts';
import { certificateOf } from '../replay/certificate.ts';
import type { Coverage } from '../replay/exploration.ts';
import type { CrashPlan, PlannedSpace, PlannedState } from '../replay/plan.ts';
import { atEntry } from '../replay/crash-state.ts';
import { outerState, recoveryDepth } from '../replay/crash-path.ts';
import { formatCrashState } from '../replay/state-id.ts';
import type { RunEvent } from '../report/events.ts';
import type { RunReport } from '../report/report.ts';
import { parseDurability } from '../stores/durability.ts';
import { CoverageTally, inDecimal } from './coverage.ts';
import { invariantsInForce } from './invariants-in-force.ts';
import { strategyTexts, type ReplayOptions } from './options.ts';
import { assumptionsOf, summarise, type Recording } from './recording.ts';
import { RecoveryTally } from './recovery-tally.ts';
import { reproducingLine } from './reproduce.ts';
import { unjudgedState } from '../engine/unjudged-state.ts';
import { perSecond, VerdictTally } from './verdict-tally.ts';

/** A state that was tried. `order` is its place among all, whatever order they come in. */
export type TriedPlace = Pick<PlannedState, 'order' | 'state' | 'ackCount' | 'twins'>;

/** Counts verdicts and groups findings as states come in, in whatever order. */
export class Tally {
  readonly #emit: (event: RunEvent) => void;
  readonly #recording: Recording;
  readonly #options: ReplayOptions;
  readonly #invariants: readonly string[];
  readonly #coverage = new CoverageTally();
  readonly #recoveries = new RecoveryTally();
  readonly #verdicts: VerdictTally;
  #fastForwarded = 0;

  constructor(recording: Recording, index: LogIndex, options: ReplayOptions, emit: (event: RunEvent) => void) {
    this.#recording = recording;
    this.#options = options;
    this.#invariants = invariantsInForce(options, recording.manifest);
    this.#emit = emit;
    const judged = options.dump !== undefined && recording.manifest.counts.operations !== undefined;
    this.#verdicts = new VerdictTally({
      emit,
      assumptionOf: (state) => assumptionOf(index, outerState(state)),
      contract: judged ? parseDurability(options.durability) : undefined,
      complete: (finding) => this.#certified(index, finding),
      reproduce: (state) => reproducingLine(recording, options, state),
    });
  }

  get findingCount(): number {
    return this.#verdicts.findingCount;
  }

  /** The last state of the plan, so far, on which all verdicts were ok. */
  get lastGood(): string | undefined {
    return this.#verdicts.lastGood;
  }

  /** What violations were no violations, for people; undefined when there were none. */
  get excuse(): string | undefined {
    return this.#verdicts.excuse;
  }

  add({ state, order, ackCount: acked, twins }: TriedPlace, tried: TriedState): void {
    const { losses, reused } = tried;
    if (tried.fastForwarded) this.#fastForwarded++;
    const duringRecovery = recoveryDepth(state) > 0;
    if (duringRecovery) this.#recoveries.noteTested();
    const verdicts = duringRecovery ? verdictsOf(tried).map(told) : verdictsOf(tried);
    this.#verdicts.add({ order, state, acked, twins, reused, verdicts, duringRecovery, ...(losses && { losses }) });
  }

  oweRecovery(): void {
    this.#recoveries.owe();
  }

  planRecovery(place: TriedPlace, recovery: PlannedRecovery): void {
    const states = this.#recoveries.add(recovery);
    this.#emit({ type: 'recovery-planned', state: place.state, states });
    if (recovery.failure === undefined) return;
    const reason = `its recovery could not be recorded: ${recovery.failure}`;
    this.add({ ...place, twins: 0 }, unjudgedState(place.state, reason));
  }

  /** @param finished all that is to be tried of this space has been */
  endSpace(space: PlannedSpace, coverage: Coverage, finished: boolean): void {
    this.#coverage.add(space, coverage, finished);
    if (!finished) return;
    const { strategy, anchor, expectedRuns } = space;
    const spared = expectedRuns - coverage.runs;
    const start = formatCrashState(atEntry(anchor));
    this.#emit({ type: 'space-end', strategy, start, coverage: inDecimal(coverage), spared });
  }

  report(plan: CrashPlan, elapsedMs: number): RunReport {
    const { filesystem } = this.#recording.manifest;
    const single = plan.items.filter(({ kind }) => kind === 'state').length;
    const coverage = this.#coverage.report(plan);
    const { counts } = this.#verdicts;
    const assumptions = assumptionsOf(filesystem);
    const { duringRecovery } = this.#options;
    return {
      filesystem: filesystem.spec,
      recording: summarise(this.#recording),
      ...(assumptions.length > 0 && { assumptions }),
      strategies: strategyTexts(this.#options),
      seed: this.#options.seed,
      states: {
        planned: plan.planned + this.#coverage.runs(plan) + this.#recoveries.planned,
        distinct: single + this.#coverage.runs(plan) + this.#recoveries.distinct,
        tested: counts.tested,
        deduplicated: plan.planned - plan.skipped - single + this.#recoveries.deduplicated,
        reused: counts.reused,
        ...(this.#fastForwarded > 0 && { fastForwarded: this.#fastForwarded }),
        skipped: plan.skipped + this.#recoveries.skipped,
        violated: counts.violated,
        unknown: counts.unknown,
      },
      ...(coverage.length > 0 && { coverage }),
      ...(duringRecovery > 0 && { duringRecovery: this.#recoveries.report(duringRecovery) }),
      invariants: this.#invariants,
      ...this.#verdicts.results(),
      timing: {
        recordMs: this.#recording.manifest.durationMs,
        replayMs: Math.round(elapsedMs),
        statesPerSecond: perSecond(counts.tested, elapsedMs),
      },
    };
  }

  /** A flipped bit stands in no log, and a recovery's writes in none that is kept: there is nothing that could be proved. */
  #certified(index: LogIndex, finding: Finding): Finding {
    const state = outerState(finding.state);
    if (state.flip || finding.duringRecovery) return finding;
    const { id, sha256 } = this.#recording.manifest;
    const log = { recording: id, sha256: sha256.log };
    return { ...finding, certificate: certificateOf(index, log, state) };
  }
}

const told = (verdict: Verdict): Verdict =>
  verdict.kind === 'violated'
    ? { ...verdict, message: `the power went again during recovery: ${verdict.message}` }
    : verdict;

/** The store's verdict and the file system's are kept apart; a disk that does not mount leaves only the latter. */
function verdictsOf({ verdict, filesystemVerdict }: TriedState): Verdict[] {
  return JSON.stringify(verdict) === JSON.stringify(filesystemVerdict) ? [verdict] : [verdict, filesystemVerdict];
}
