import type { Finding } from '../checks/finding.ts';
import { EXIT_STATUS } from '../errors.ts';
import type { Comparison } from './comparison.ts';
import type { LossWindow } from './loss-window.ts';

/** Violated outranks unknown outranks ok. An incomplete run is unknown. */
export type ReportVerdict = 'ok' | 'violated' | 'unknown';

/** Counts of the recording's write log, and what made it. */
export interface RecordingSummary {
  readonly id: string;
  /** Release of the kernel that recorded, which need not be the one that tried the crash states. */
  readonly kernel?: string;
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
  /** Tested states whose journal was applied before the mount but for its last transaction; absent when none was. */
  readonly fastForwarded?: number;
  /** States with a block whose content the log does not tell. */
  readonly skipped: number;
  /** Tested states with a violated verdict. */
  readonly violated: number;
  /** Tested states that could not be judged. */
  readonly unknown: number;
}

/** So many different reasons are reported; more would help nobody. */
export const UNKNOWN_REASONS_MAX = 20;

/** Of states that one power cut can leave; the numbers are decimal, since there may be 2^100 of them. */
export interface SpaceCoverage {
  /** All legal ones. */
  readonly states: string;
  /** Those whose verdict is known, by a run of theirs or of one that reads the same. */
  readonly settled: string;
  /** Those with a block whose content the log does not tell. */
  readonly skipped: string;
  readonly runs: number;
}

/** What a strategy looks at between the barriers. */
export interface StrategySpaces {
  readonly strategy: string;
  /** Power cuts looked at: flushes, or FUA writes, with writes on their way. */
  readonly spaces: number;
  /** All legal ones that these can leave, in decimal. */
  readonly states: string;
}

/** What a strategy that looks between the barriers has covered of all that is possible. */
export interface StrategyCoverage extends SpaceCoverage, StrategySpaces {
  /** Those of which every state is settled. */
  readonly complete: number;
}

/** Power cuts during recovery; their states are in `StateCounts` too. */
export interface RecoveryCoverage {
  /** How often the power went again, at most. */
  readonly depth: number;
  /** Recoveries that were recorded: those from single states that held. */
  readonly recoveries: number;
  readonly planned: number;
  readonly distinct: number;
  readonly tested: number;
}

/** Why states could not be judged, and how many share the reason. */
export interface UnknownReason {
  readonly reason: string;
  /** The first state with it that was judged. */
  readonly state: string;
  readonly states: number;
}

/** Counts at the time of planning, as in `StateCounts`. */
export interface PlannedCounts {
  readonly planned: number;
  readonly distinct: number;
  readonly skipped: number;
}

/** Which part of a plan a run has tried, and what merging the parts needs. */
export interface ShardReport {
  /** From 1 to `count`. */
  readonly index: number;
  readonly count: number;
  /** Digest of the whole plan and of the log: the same in all shards that belong together. */
  readonly plan: string;
  /** Digest of what verdicts depend on besides: commands, promises, limits. */
  readonly options: string;
  /** What was planned for this shard, and for all: the difference is what shards that are missing would have tried. */
  readonly own: PlannedCounts;
  readonly whole: PlannedCounts;
  /** All that strategies look at between the barriers, in all shards: what missing ones cover of it, nobody knows. */
  readonly spaces: readonly StrategySpaces[];
  /** The shard's last state on which all verdicts were ok; absent when there is none. */
  readonly lastGood?: string;
}

/** Processes were killed instead of the power cut. */
export interface KillSummary {
  /** `kill`: SIGKILL. `stop`: SIGSTOP, a copy of the folder, SIGCONT. */
  readonly mode: 'kill' | 'stop';
  /** Processes of the workload at once. */
  readonly writers: number;
  /** Trials that were to be disturbed: all but number 0. */
  readonly disturbances: number;
  /** Trials whose moment came before the workload had ended. */
  readonly killed: number;
  /** Lines of the contract that the workload prints undisturbed, and how long it takes; absent when it was not measured. */
  readonly lines?: number;
  readonly workloadMs?: number;
}

/** One recording replayed, or one series of trials: then `kill` is there, and a state is a trial. */
export interface RunReport {
  /** Canonical `--fs` text; the type alone when nothing was recorded. */
  readonly filesystem: string;
  /** Absent when nothing was recorded. */
  readonly recording?: RecordingSummary;
  readonly kill?: KillSummary;
  /** What all verdicts of this run take for granted, by the file system and its options; present when there is something. */
  readonly assumptions?: readonly string[];
  readonly strategies: readonly string[];
  /** What random choices followed from. */
  readonly seed: number;
  /** Present when only a part of the plan was tried, with `--shard`. */
  readonly shard?: ShardReport;
  readonly states: StateCounts;
  /** Present when a strategy looked between the barriers. */
  readonly coverage?: readonly StrategyCoverage[];
  /** Names of the invariants that each tested state was held to; absent in reports of old. */
  readonly invariants?: readonly string[];
  /** Present when power cuts during recovery were asked for. */
  readonly duringRecovery?: RecoveryCoverage;
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
  /** That of the first run that has one. */
  readonly recording?: RecordingSummary;
  readonly runs: readonly RunReport[];
  /** Present when it was asked for. */
  readonly comparison?: Comparison;
}

/** A run that tested nothing has shown nothing, so it is unknown. */
export function verdictOfRun({
  states,
  findings,
  kill,
}: Pick<RunReport, 'states' | 'findings' | 'kill'>): ReportVerdict {
  if (states.violated > 0 || findings.length > 0) return 'violated';
  if (killedNothing({ ...(kill && { kill }) })) return 'unknown';
  if (states.unknown > 0 || states.tested < states.distinct || states.tested === 0) return 'unknown';
  return 'ok';
}

/** Trials were to be disturbed, and none of them was killed before its end. */
export function killedNothing({ kill }: Pick<RunReport, 'kill'>): boolean {
  return kill !== undefined && kill.killed === 0 && kill.disturbances > 0;
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
