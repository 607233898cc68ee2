import type { Finding } from '../checks/finding.ts';
import { EXIT_STATUS } from '../errors.ts';
import type { LossWindow } from './loss-window.ts';

/** Violated outranks unknown outranks ok. An incomplete run is unknown. */
export type ReportVerdict = 'ok' | 'violated' | 'unknown';

/** Counts of the recording's write log. */
export interface RecordingSummary {
  readonly id: string;
  readonly entries: number;
  readonly flushes: number;
  readonly fuas: number;
  readonly marks: number;
}

/** Where the report was made. Further facts may stand beside these. */
export interface ReportEnvironment {
  /** Versions. */
  readonly powercut: string;
  readonly node: string;
  /** The kernel that tried the crash states. */
  readonly kernel: string;
  /** How that kernel was run and why it was chosen, for people. */
  readonly runner: string;
  readonly [fact: string]: string | number;
}

export interface StateCounts {
  /** States that the strategies proposed and the store is held to. */
  readonly planned: number;
  /** Of these, the ones that differ from every earlier one in a byte or an acknowledgement, and can be tried. */
  readonly distinct: number;
  /** Distinct states that were tried. Fewer than distinct: the run stopped early, and is incomplete. */
  readonly tested: number;
  /** States settled by a run of their twin. */
  readonly deduplicated: number;
  /** Tested states whose recovered tree and acknowledgements had been judged before: recover and check did not run again. */
  readonly reused: number;
  /** States with a block whose content the log does not tell. */
  readonly skipped: number;
  /** Tested states with a violated verdict. */
  readonly violated: number;
  /** Tested states that could not be judged. */
  readonly unknown: number;
}

/** Why states could not be judged, and how many share the reason. */
export interface UnknownReason {
  readonly reason: string;
  /** The first state with it that was judged. */
  readonly state: string;
  readonly states: number;
}

export interface RunReport {
  /** Canonical `--fs` text. */
  readonly filesystem: string;
  readonly recording: RecordingSummary;
  readonly strategies: readonly string[];
  readonly states: StateCounts;
  readonly findings: readonly Finding[];
  /** Present when there are any; the commonest first, not all of them. */
  readonly unknowns?: readonly UnknownReason[];
  /** Present when a history was judged: what was lost of the acknowledged, beside the promise, for each class. */
  readonly durability?: readonly LossWindow[];
  readonly timing: {
    /** 0 when an existing recording was replayed and its duration is not known. */
    readonly recordMs: number;
    readonly replayMs: number;
    readonly statesPerSecond: number;
  };
}

/** The document that `--json` writes. */
export interface Report {
  readonly formatVersion: 1;
  readonly verdict: ReportVerdict;
  readonly environment: ReportEnvironment;
  /** The first run's; each run has its own beside it. */
  readonly recording: RecordingSummary;
  readonly runs: readonly RunReport[];
}

/** A run that tested nothing has shown nothing, so it is unknown. */
export function verdictOfRun({ states, findings }: Pick<RunReport, 'states' | 'findings'>): ReportVerdict {
  if (states.violated > 0 || findings.length > 0) return 'violated';
  if (states.unknown > 0 || states.tested < states.distinct || states.tested === 0) return 'unknown';
  return 'ok';
}

export function verdictOfRuns(runs: readonly RunReport[]): ReportVerdict {
  const verdicts = runs.map(verdictOfRun);
  if (verdicts.includes('violated')) return 'violated';
  return verdicts.length === 0 || verdicts.includes('unknown') ? 'unknown' : 'ok';
}

/** The process's exit status for a verdict, as published in `EXIT_STATUS`. */
export function exitStatusOfVerdict(verdict: ReportVerdict): number {
  if (verdict === 'ok') return EXIT_STATUS.held;
  return verdict === 'violated' ? EXIT_STATUS.violated : EXIT_STATUS.unknown;
}
