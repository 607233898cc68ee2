import { findingKey, type Finding } from '../checks/finding.ts';
import type { Assumption, Blamed, ViolationClass } from '../checks/verdict.ts';
import {
  verdictOfRun,
  type RecordingSummary,
  type ReportVerdict,
  type RunReport,
  type StateCounts,
} from '../report/report.ts';
import { meaningOf, type Cause } from './meaning.ts';
import type { Mode, ModeRun, WriteCost } from './mode.ts';
import { spreadOf, type Shown, type Spread } from './spread.ts';

/** One row of the table. */
export interface ComparedMode {
  readonly mode: string;
  /** Canonical `--fs` text. */
  readonly filesystem: string;
  /** As given to `--kernel`; absent when kernels were not compared. */
  readonly kernel?: string;
  readonly verdict: ReportVerdict;
  /** Why it was not run; then nothing of the following is there. */
  readonly obstacle?: string;
  readonly recording?: RecordingSummary;
  /** Release of the kernel that tried the states. */
  readonly replayKernel?: string;
  readonly states?: StateCounts;
  readonly cost?: WriteCost;
  readonly statesPerSecond?: number;
}

/** Where one finding was seen, at its earliest state. */
export type Sighting = Pick<Finding, 'state' | 'states' | 'message' | 'reproduce'> & { readonly mode: string };

/** A finding over all modes: violated verdicts of one invariant, one class and one assumption, of a first power cut or of a second. */
export interface ComparedFinding {
  readonly class: ViolationClass;
  readonly blamed: Blamed;
  readonly assumption: Assumption;
  /** The power went again while the store recovered. */
  readonly duringRecovery?: true;
  readonly invariant: string;
  readonly on: readonly Sighting[];
  /** Names of modes that were judged to the end and do not show it. */
  readonly absent: readonly string[];
  /** Names of modes that do not show it and were not judged to the end. */
  readonly open: readonly string[];
  readonly spread: Spread;
  readonly cause: Cause;
  readonly meaning: string;
}

/** The document that `powercut compare --json` writes. */
export interface Comparison {
  readonly formatVersion: 1;
  readonly verdict: ReportVerdict;
  readonly environment: { readonly powercut: string; readonly node: string };
  readonly strategies: readonly string[];
  readonly seed: number;
  readonly modes: readonly ComparedMode[];
  readonly findings: readonly ComparedFinding[];
  /** What a reader of the table must know. */
  readonly notes: readonly string[];
}

/** What was asked of every mode. */
export type Question = Pick<Comparison, 'environment' | 'strategies' | 'seed'>;

/** Puts what came of each mode into one table, in the order given. */
export function compareModes(question: Question, runs: readonly ModeRun[]): Comparison {
  const modes = runs.map(rowOf);
  return {
    formatVersion: 1,
    verdict: verdictOfModes(modes),
    ...question,
    modes,
    findings: findingsOf(runs),
    notes: notesOn(modes),
  };
}

function rowOf(result: ModeRun): ComparedMode {
  const { name, filesystem, kernel } = result.mode;
  const mode = { mode: name, filesystem, ...(kernel !== undefined && { kernel }) };
  if ('obstacle' in result) return { ...mode, verdict: 'unknown', obstacle: result.obstacle };
  const { run, cost, replayKernel } = result;
  return {
    ...mode,
    verdict: verdictOfRun(run),
    ...(run.recording && { recording: run.recording }),
    replayKernel,
    states: run.states,
    cost,
    statesPerSecond: run.timing.statesPerSecond,
  };
}

function verdictOfModes(modes: readonly ComparedMode[]): ReportVerdict {
  const verdicts = modes.map(({ verdict }) => verdict);
  if (verdicts.includes('violated')) return 'violated';
  return verdicts.length === 0 || verdicts.includes('unknown') ? 'unknown' : 'ok';
}

/** In the order of the modes, and of the plan in each. */
function findingsOf(runs: readonly ModeRun[]): ComparedFinding[] {
  const groups = new Map<string, Finding>();
  for (const finding of runs.flatMap((result) => ('run' in result ? result.run.findings : []))) {
    if (!groups.has(keyOf(finding))) groups.set(keyOf(finding), finding);
  }
  return [...groups.values()].map((finding) => acrossModes(finding, runs));
}

function acrossModes(finding: Finding, runs: readonly ModeRun[]): ComparedFinding {
  const { class: violationClass, blamed, assumption, duringRecovery, invariant } = finding;
  const on = runs.flatMap((result) => sightingIn(result, finding));
  const shown = shownBy(finding, runs);
  const spread = spreadOf(shown);
  const names = (modes: readonly Mode[]): string[] => modes.map(({ name }) => name);
  return {
    class: violationClass,
    blamed,
    assumption,
    ...(duringRecovery && { duringRecovery }),
    invariant,
    on,
    absent: names(shown.absent),
    open: names(shown.open),
    spread,
    ...meaningOf({ blamed, assumption, spread, shown }),
  };
}

function sightingIn(result: ModeRun, finding: Finding): Sighting[] {
  const found = findIn(result, finding);
  if (!found) return [];
  const { state, states, message, reproduce } = found;
  return [{ mode: result.mode.name, state, states, message, reproduce }];
}

function shownBy(finding: Finding, runs: readonly ModeRun[]): Shown {
  const shown = { on: [] as Mode[], absent: [] as Mode[], open: [] as Mode[] };
  for (const result of runs) {
    const place = findIn(result, finding) ? 'on' : 'run' in result && isWhole(result.run) ? 'absent' : 'open';
    shown[place].push(result.mode);
  }
  return shown;
}

/** Every state was tried and judged, so that what was not found is not there. */
export function isWhole({ states }: Pick<RunReport, 'states'>): boolean {
  return states.tested > 0 && states.tested >= states.distinct && states.unknown === 0;
}

function findIn(result: ModeRun, finding: Finding): Finding | undefined {
  return 'run' in result ? result.run.findings.find((each) => keyOf(each) === keyOf(finding)) : undefined;
}

const keyOf = (finding: Finding): string => `${finding.blamed} ${findingKey(finding)}`;

function notesOn(modes: readonly ComparedMode[]): string[] {
  const notes = modes.flatMap(({ mode, obstacle }) =>
    obstacle === undefined ? [] : [`${mode} was not run: ${obstacle}`],
  );
  const counts = modes.flatMap(({ mode, cost }) => (cost ? [{ mode, operations: cost.operations }] : []));
  if (new Set(counts.map(({ operations }) => operations)).size <= 1) return notes;
  const each = counts.map(({ mode, operations }) => `${operations} on ${mode}`).join(', ');
  return [...notes, `the workload did not acknowledge the same on all modes: ${each}`];
}
