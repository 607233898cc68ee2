/** The reports of a recording's shards, put together to what one run would have reported. */
import { findingKey, type Finding } from '../checks/finding.ts';
import { UsageError } from '../errors.ts';
import type { LossWindow } from './loss-window.ts';
import { makeReport } from './make-report.ts';
import { mergeCoverage } from './merge-coverage.ts';
import {
  UNKNOWN_REASONS_MAX,
  type PlannedCounts,
  type RecoveryCoverage,
  type Report,
  type ReportEnvironment,
  type RunReport,
  type ShardReport,
  type UnknownReason,
} from './report.ts';

export interface NamedReport {
  /** Its file, for messages. */
  readonly name: string;
  readonly report: Report;
}

export interface MergedReport {
  readonly report: Report;
  /** Shards that were not given; their states count as not tested. */
  readonly missing: readonly number[];
}

interface ShardRun {
  readonly name: string;
  readonly environment: ReportEnvironment;
  readonly run: RunReport & { readonly shard: ShardReport };
}

/**
 * Adds counts and unites findings by their group. Times are added up too, as if the shards had run one after the other.
 *
 * @throws UsageError for a report that is not of a shard, and for two that do not belong together
 */
export function mergeShards(reports: readonly NamedReport[]): MergedReport {
  const shards = reports.map(shardRunOf).sort((a, b) => a.run.shard.index - b.run.shard.index);
  const [first, ...others] = shards;
  if (first === undefined) throw new UsageError('there is nothing to merge');
  for (const other of others) assertTogether(first, other);
  assertDistinct(shards);
  const given = new Set(shards.map(({ run }) => run.shard.index));
  const all = Array.from({ length: first.run.shard.count }, (_, part) => part + 1);
  const run = mergeRuns(shards.map((shard) => shard.run));
  const environment = mergeEnvironments(shards.map((shard) => shard.environment));
  return { report: makeReport(environment, [run]), missing: all.filter((index) => !given.has(index)) };
}

function shardRunOf({ name, report: { environment, runs } }: NamedReport): ShardRun {
  const [run, ...more] = runs;
  if (run?.shard === undefined || more.length > 0) {
    throw new UsageError(`${name} is no report of a shard: it was made without --shard, or merged before`);
  }
  return { name, environment, run: { ...run, shard: run.shard } };
}

/** What must be the same, most telling first. */
const SAME: readonly (readonly [string, (shard: ShardRun) => unknown])[] = [
  ['recordings', ({ run }) => [run.recording, run.filesystem]],
  ['strategies', ({ run }) => run.strategies],
  ['seeds', ({ run }) => run.seed],
  ['numbers of shards', ({ run }) => run.shard.count],
  ['versions of powercut', ({ environment }) => environment.powercut],
  ['plans', ({ run }) => run.shard.plan],
  ['options or commands', ({ run }) => [run.shard.options, run.invariants]],
];

function assertTogether(first: ShardRun, other: ShardRun): void {
  const difference = SAME.find(([, pick]) => JSON.stringify(pick(first)) !== JSON.stringify(pick(other)));
  if (difference === undefined) return;
  throw new UsageError(`${other.name} cannot be merged with ${first.name}: they come from different ${difference[0]}`);
}

/** @param shards sorted */
function assertDistinct(shards: readonly ShardRun[]): void {
  for (const [at, { name, run }] of shards.entries()) {
    const before = shards[at - 1];
    if (before?.run.shard.index !== run.shard.index) continue;
    throw new UsageError(`${before.name} and ${name} are both shard ${run.shard.index} of ${run.shard.count}`);
  }
}

function mergeRuns(runs: readonly ShardRun['run'][]): RunReport {
  const [{ shard, ...same }] = runs as readonly [ShardRun['run']];
  const sum = (pick: (run: RunReport) => number): number => runs.reduce((total, run) => total + pick(run), 0);
  const tested = sum(({ states }) => states.tested);
  const fastForwarded = sum(({ states }) => states.fastForwarded ?? 0);
  const replayMs = sum(({ timing }) => timing.replayMs);
  const { duringRecovery } = same;
  const { coverage: _coverage, unknowns: _unknowns, durability: _durability, ...rest } = same;
  const coverage = mergeCoverage(
    shard.spaces,
    runs.flatMap((run) => run.coverage ?? []),
  );
  const unknowns = mergeUnknowns(runs.flatMap((run) => run.unknowns ?? []));
  const durability = mergeLosses(runs.flatMap((run) => run.durability ?? []));
  return {
    ...rest,
    states: {
      planned: sum(({ states }) => states.planned) + untried(runs, 'planned'),
      distinct: sum(({ states }) => states.distinct) + untried(runs, 'distinct'),
      tested,
      deduplicated: sum(({ states }) => states.deduplicated) + untriedTwins(runs),
      reused: sum(({ states }) => states.reused),
      ...(fastForwarded > 0 && { fastForwarded }),
      skipped: sum(({ states }) => states.skipped) + untried(runs, 'skipped'),
      violated: sum(({ states }) => states.violated),
      unknown: sum(({ states }) => states.unknown),
    },
    ...(coverage.length > 0 && { coverage }),
    ...(duringRecovery && { duringRecovery: mergeRecoveries(duringRecovery.depth, runs) }),
    findings: mergeFindings(runs),
    ...(unknowns.length > 0 && { unknowns }),
    ...(durability.length > 0 && { durability }),
    timing: {
      recordMs: same.timing.recordMs,
      replayMs,
      statesPerSecond: Math.round((tested / Math.max(replayMs, 1)) * 10_000) / 10,
    },
  };
}

function mergeRecoveries(depth: number, runs: readonly ShardRun['run'][]): RecoveryCoverage {
  const sum = (count: Exclude<keyof RecoveryCoverage, 'depth'>): number =>
    runs.reduce((total, { duringRecovery }) => total + (duringRecovery?.[count] ?? 0), 0);
  const [recoveries, planned, distinct, tested] = [sum('recoveries'), sum('planned'), sum('distinct'), sum('tested')];
  return { depth, recoveries, planned, distinct, tested };
}

/** What was planned for the shards that are missing: nothing when all are here, whatever they found there was to run. */
function untried(runs: readonly ShardRun['run'][], count: keyof PlannedCounts): number {
  const [{ shard }] = runs as readonly [ShardRun['run']];
  return shard.whole[count] - runs.reduce((total, run) => total + run.shard.own[count], 0);
}

const untriedTwins = (runs: readonly ShardRun['run'][]): number =>
  untried(runs, 'planned') - untried(runs, 'skipped') - untried(runs, 'distinct');

/** @param runs in the order of the plan, so that the first of a group is its earliest */
function mergeFindings(runs: readonly ShardRun['run'][]): Finding[] {
  const groups = new Map<string, Finding>();
  let lastGood: string | undefined;
  for (const { findings, shard } of runs) {
    for (const finding of findings) {
      const key = findingKey(finding);
      const known = groups.get(key);
      const good = finding.lastGood ?? lastGood;
      if (known) groups.set(key, { ...known, states: known.states + finding.states });
      else groups.set(key, { ...finding, ...(good !== undefined && { lastGood: good }) });
    }
    lastGood = shard.lastGood ?? lastGood;
  }
  return [...groups.values()];
}

function mergeUnknowns(all: readonly UnknownReason[]): UnknownReason[] {
  const byReason = new Map<string, UnknownReason>();
  for (const unknown of all) {
    const known = byReason.get(unknown.reason);
    byReason.set(unknown.reason, known ? { ...known, states: known.states + unknown.states } : unknown);
  }
  return [...byReason.values()].slice(0, UNKNOWN_REASONS_MAX).sort((a, b) => b.states - a.states);
}

/** The worst of each class; of two equals the earlier stays. */
function mergeLosses(all: readonly LossWindow[]): LossWindow[] {
  const byClass = new Map<string, LossWindow>();
  for (const window of all) {
    const known = byClass.get(window.class) ?? window;
    const worst = window.operations > known.operations ? window : known;
    const ages = [known.ms, window.ms].filter((ms) => ms !== undefined);
    byClass.set(window.class, { ...worst, ...(ages.length > 0 && { ms: Math.max(...ages) }) });
  }
  return [...byClass.values()];
}

/** Shards may run on several machines: what differs stands side by side. */
function mergeEnvironments(all: readonly ReportEnvironment[]): ReportEnvironment {
  const merged: Record<string, string | number> = {};
  for (const fact of new Set(all.flatMap((environment) => Object.keys(environment)))) {
    const values = [...new Set(all.map((environment) => environment[fact]).filter((value) => value !== undefined))];
    merged[fact] = values.length === 1 ? values[0]! : values.join(', ');
  }
  return merged as unknown as ReportEnvironment;
}
