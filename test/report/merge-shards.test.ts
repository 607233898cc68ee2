import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/checks/verdict.ts';
import type { TriedState } from '../../src/engine/requests.ts';
import type { ReplayOptions } from '../../src/pipeline/options.ts';
import { shardReport } from '../../src/pipeline/shard-report.ts';
import { Tally } from '../../src/pipeline/tally.ts';
import type { CrashPlan, PlanItem, PlannedSpace } from '../../src/replay/plan.ts';
import { takeShard, type Shard } from '../../src/replay/shard.ts';
import { makeReport } from '../../src/report/make-report.ts';
import { mergeShards, type NamedReport } from '../../src/report/merge-shards.ts';
import type { Report, RunReport } from '../../src/report/report.ts';
import { validateReport } from '../../src/report/validate-report.ts';
import { entryIndex } from '../../src/units.ts';
import { tried } from '../pipeline/fake-runner.ts';
import { MANIFEST, REPLAY_OPTIONS } from '../pipeline/made-recording.ts';
import { indexOf } from '../support/log-file.ts';

const RECORDING = {
  folder: '/home/me/store/.powercut/recordings/a',
  manifest: { ...MANIFEST, counts: { ...MANIFEST.counts, operations: 9 } },
};
const OPTIONS: ReplayOptions = { ...REPLAY_OPTIONS, dump: ['./dump'], durability: ['cache=none', 'sync'] };
const ENVIRONMENT = { powercut: '0.1.0', node: 'v20', kernel: '6.1', runner: 'a guest' };
const OK: Verdict = { kind: 'ok' };

const anyVerdict: fc.Arbitrary<Verdict> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(OK) },
  fc.integer({ min: 1, max: 30 }).map((n): Verdict => ({ kind: 'unknown', reason: `reason ${n % 4}` })),
  fc.record({
    kind: fc.constant('violated' as const),
    class: fc.constantFrom('lost' as const, 'torn' as const),
    blamed: fc.constant('store' as const),
    invariant: fc.constantFrom('check', 'store-opens'),
    message: fc.string(),
  }),
);
const anyDamage: fc.Arbitrary<Verdict> = fc.constantFrom<Verdict[]>(...Array.from({ length: 5 }, () => OK), {
  kind: 'violated',
  class: 'kernel',
  blamed: 'filesystem',
  invariant: 'kernel-quiet',
  message: 'oh',
});
const anyLosses = fc.array(
  fc.record({
    class: fc.constantFrom('cache', 'default'),
    operations: fc.nat(5),
    ms: fc.nat(50).map((ms) => ms / 10),
  }),
  { maxLength: 2 },
);
const anyState = fc.record({
  verdict: anyVerdict,
  filesystemVerdict: anyDamage,
  fastForwarded: fc.boolean(),
  twins: fc.nat(2),
  losses: anyLosses,
});
type MadeState = typeof anyState extends fc.Arbitrary<infer State> ? State : never;

/** One power cut with all that it can leave. */
interface MadeSpace {
  readonly strategy: string;
  readonly atoms: number;
  /** One state in 2 to the power of this is settled. */
  readonly unsettled: bigint;
  /** Runs that were expected and turned out not to be needed. */
  readonly spared: number;
  readonly runs: readonly MadeState[];
}
const anySpace: fc.Arbitrary<MadeSpace> = fc.record({
  strategy: fc.constantFrom('in-flight', 'torn'),
  atoms: fc.integer({ min: 3, max: 100 }),
  unsettled: fc.bigInt(0n, 3n),
  spared: fc.nat(3),
  runs: fc.array(anyState, { minLength: 1, maxLength: 3 }),
});
type MadeItem = MadeState | MadeSpace;

function itemOf(made: MadeItem, order: number): PlanItem {
  const place = { order, anchor: order, ackCount: order };
  if (!('runs' in made)) return { kind: 'state', ...place, state: stateAt(order), twins: made.twins };
  const { strategy, atoms, spared, runs } = made;
  const atom = { entry: entryIndex(order + 1), offsetBytes: 0, lengthBytes: 512 };
  const space = { anchor: order, atoms: Array.from({ length: atoms }, () => atom) };
  const expectedRuns = runs.length + spared;
  const exploration = { space, first: () => [], sample: true, limit: 64, doubtful: 0n };
  return { kind: 'space', ...place, strategy, seed: 1, expectedRuns, ...exploration };
}

const stateAt = (order: number, run = 0): string => `p${order * 10 + run}`;

function tryItem(tally: Tally, item: PlanItem, made: MadeItem): void {
  for (const [run, { twins, ...judged }] of ('runs' in made ? made.runs : [made]).entries()) {
    const place = { order: item.order * 10 + run, state: stateAt(item.order, run), ackCount: item.ackCount, twins };
    const state: TriedState = { ...tried(place.state), ...judged };
    tally.add(item.kind === 'space' ? { ...place, twins: 0 } : place, state);
  }
  if (item.kind === 'state' || !('runs' in made)) return;
  const states = 1n << BigInt(made.atoms);
  const settled = states >> made.unsettled;
  tally.endSpace(item, { states, settled, skipped: (states - settled) / 2n, runs: made.runs.length }, true);
}

/** What a run over this plan reports, in the plan's order. @param budget so many items are tried */
function runOf(made: readonly MadeItem[], shard?: Shard, budget = Infinity): RunReport {
  const whole: CrashPlan = {
    items: made.map(itemOf),
    planned: made.reduce((sum, item) => sum + ('runs' in item ? 0 : 1 + item.twins), 2),
    beforeReady: 1,
    skipped: 2,
  };
  const plan = shard ? takeShard(whole, shard) : whole;
  const tally = new Tally(RECORDING, indexOf([]), OPTIONS, () => undefined);
  for (const item of plan.items.slice(0, budget)) tryItem(tally, item, made[item.order]!);
  const run = tally.report(plan, 1000);
  return shard ? { ...run, shard: shardReport(shard, whole, RECORDING, OPTIONS, tally.lastGood) } : run;
}

const report = (run: RunReport): Report => makeReport(ENVIRONMENT, [run]);

/** A report of each shard, in an order that is not theirs. */
function shardsOf(states: readonly MadeItem[], count: number, budget = Infinity): NamedReport[] {
  return Array.from({ length: count }, (_, part) => ({
    name: `${part + 1}.json`,
    report: report(runOf(states, { index: part + 1, count }, budget)),
  })).reverse();
}

/** Time is of a machine; all else is of the plan. */
function withoutTime({ runs, ...rest }: Report): unknown {
  return { ...rest, runs: runs.map(({ timing: _timing, ...run }) => run) };
}

const anyPlan = fc.array(fc.oneof({ weight: 3, arbitrary: anyState }, anySpace), { minLength: 1, maxLength: 25 });
const HELD: MadeState = { verdict: OK, filesystemVerdict: OK, fastForwarded: false, twins: 0, losses: [] };
const LOST: MadeState = {
  ...HELD,
  verdict: { kind: 'violated', class: 'lost', blamed: 'store', invariant: 'check', message: 'gone' },
};

describe('mergeShards', () => {
  it('says of all shards together exactly what one run says', () => {
    fc.assert(
      fc.property(anyPlan, fc.nat(), (states, seed) => {
        const count = 1 + (seed % states.length);
        const { report: merged, missing } = mergeShards(shardsOf(states, count));
        expect(missing).toEqual([]);
        expect(withoutTime(merged)).toEqual(withoutTime(report(runOf(states))));
        expect(validateReport(merged)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('takes the last good state from an earlier shard, when the finding begins its own', () => {
    const { report: merged } = mergeShards(shardsOf([HELD, LOST, HELD, HELD, LOST, LOST], 3));
    expect(merged.runs[0]!.findings).toMatchObject([{ state: 'p10', states: 3, lastGood: 'p0' }]);
    const second = mergeShards(shardsOf([HELD, HELD, LOST, HELD], 2)).report;
    expect(second.runs[0]!.findings).toMatchObject([{ state: 'p20', lastGood: 'p10' }]);
  });

  it('counts the states of a missing shard as not tested, so that the whole is not held', () => {
    const states = Array.from({ length: 6 }, () => HELD);
    const { report: merged, missing } = mergeShards(shardsOf(states, 3).filter(({ name }) => name !== '2.json'));
    expect(missing).toEqual([2]);
    expect(merged.verdict).toBe('unknown');
    expect(merged.runs[0]!.states).toMatchObject({ planned: 8, distinct: 6, tested: 4, skipped: 2 });
  });

  it('adds up coverage for each strategy to the last digit; what a missing shard covers is not known', () => {
    const space = { strategy: 'in-flight', atoms: 100, unsettled: 0n, spared: 2, runs: [HELD, HELD] };
    const torn = { ...space, strategy: 'torn', atoms: 3, unsettled: 1n };
    const shards = shardsOf([space, torn, { ...space, atoms: 2 }, HELD, { ...torn, unsettled: 0n }, space], 2);
    const [all, one, both] = [1n << 100n, (1n << 100n) + 4n, (1n << 101n) + 4n].map(String);
    expect(mergeShards(shards).report.runs[0]!.coverage).toEqual([
      { strategy: 'in-flight', spaces: 3, complete: 3, states: both, settled: both, skipped: '0', runs: 6 },
      { strategy: 'torn', spaces: 2, complete: 1, states: '16', settled: '12', skipped: '2', runs: 4 },
    ]);
    const [first, second] = ['1.json', '2.json'].map((name) =>
      mergeShards(shards.filter((each) => each.name === name)),
    );
    expect(first!.report.runs[0]!.coverage).toEqual([
      { strategy: 'in-flight', spaces: 3, complete: 2, states: both, settled: one, skipped: '0', runs: 4 },
      { strategy: 'torn', spaces: 2, complete: 0, states: '16', settled: '4', skipped: '2', runs: 2 },
    ]);
    expect(second!.report.runs[0]!.coverage).toMatchObject([
      { strategy: 'in-flight', spaces: 3, complete: 1, states: both, settled: all, runs: 2 },
      { strategy: 'torn', spaces: 2, complete: 1, states: '16', settled: '8', runs: 2 },
    ]);
    // 4 runs were expected of each space that is missing.
    expect(first!.report.runs[0]!.states).toMatchObject({ planned: 2 + 6 + 9, distinct: 6 + 9, tested: 6 });
    expect(first!.report.verdict).toBe('unknown');
  });

  it('says nothing of coverage where no strategy looked between the barriers', () => {
    expect(mergeShards(shardsOf([HELD, HELD], 2)).report.runs[0]).not.toHaveProperty('coverage');
  });

  it('adds up what shards found there was to run, where that shows only as they run', () => {
    const more = (named: NamedReport): NamedReport => {
      const [run] = named.report.runs as [RunReport];
      const states = { ...run.states, distinct: run.states.distinct + 5, tested: run.states.tested + 5 };
      return { ...named, report: { ...named.report, runs: [{ ...run, states }] } };
    };
    const shards = shardsOf([HELD, HELD, HELD, HELD], 2).map(more);
    expect(mergeShards(shards).report).toMatchObject({
      verdict: 'ok',
      runs: [{ states: { distinct: 14, tested: 14 } }],
    });
    const alone = mergeShards(shards.slice(1)).report;
    expect(alone).toMatchObject({ verdict: 'unknown', runs: [{ states: { distinct: 9, tested: 7 } }] });
  });

  it('counts what a shard had no time for as not tested', () => {
    const states = Array.from({ length: 6 }, () => HELD);
    const { report: merged } = mergeShards(shardsOf(states, 2, 2));
    expect(merged.runs[0]!.states).toMatchObject({ distinct: 6, tested: 4 });
    expect(merged.verdict).toBe('unknown');
  });

  it('adds up time, and shows the kernels of all machines', () => {
    const [second, first] = shardsOf([HELD, HELD], 2) as [NamedReport, NamedReport];
    const other = { ...second.report, environment: { ...ENVIRONMENT, kernel: '6.18', cpus: 4 } };
    const { report: merged } = mergeShards([first, { name: '2.json', report: other }]);
    expect(merged.environment).toEqual({ ...ENVIRONMENT, kernel: '6.1, 6.18', cpus: 4 });
    expect(merged.runs[0]!.timing).toEqual({ recordMs: 2100, replayMs: 2000, statesPerSecond: 1 });
  });
});

describe('what cannot be merged', () => {
  const [second, first] = shardsOf([HELD, HELD, HELD, HELD], 2) as [NamedReport, NamedReport];
  const changed = (change: Partial<RunReport>): NamedReport => ({
    name: 'x.json',
    report: { ...second.report, runs: [{ ...second.report.runs[0]!, ...change }] },
  });
  const shard = second.report.runs[0]!.shard!;

  it.each<[string, NamedReport]>([
    ['recordings', changed({ recording: { ...second.report.recording!, id: 'other' } })],
    ['recordings', changed({ filesystem: 'xfs' })],
    ['strategies', changed({ strategies: ['torn'] })],
    ['seeds', changed({ seed: 2 })],
    ['numbers of shards', changed({ shard: { ...shard, count: 3 } })],
    ['plans', changed({ shard: { ...shard, plan: 'other' } })],
    ['options or commands', changed({ shard: { ...shard, options: 'other' } })],
    [
      'versions of powercut',
      { name: 'x.json', report: { ...second.report, environment: { ...ENVIRONMENT, powercut: '0.2.0' } } },
    ],
  ])('reports of different %s', (what, other) => {
    expect(() => mergeShards([other, first])).toThrow(
      `x.json cannot be merged with 1.json: they come from different ${what}`,
    );
  });

  it('the same shard twice', () => {
    expect(() => mergeShards([second, first, { ...second, name: 'again.json' }])).toThrow(
      '2.json and again.json are both shard 2 of 2',
    );
  });

  it('a report of no shard, a merged one included', () => {
    const whole = { name: 'whole.json', report: report(runOf([HELD])) };
    expect(() => mergeShards([whole])).toThrow('whole.json is no report of a shard');
    expect(() => mergeShards([{ name: 'm.json', report: mergeShards([first, second]).report }])).toThrow(
      'm.json is no report of a shard',
    );
  });
});

describe('the digest of options', () => {
  const planned: CrashPlan = { items: [itemOf(HELD, 0)], planned: 1, beforeReady: 0, skipped: 0 };
  const digest = (options: Partial<ReplayOptions>): string =>
    shardReport({ index: 1, count: 1 }, planned, RECORDING, { ...OPTIONS, ...options }, undefined).options;

  it.each<Partial<ReplayOptions>>([
    { check: ['./other'] },
    { recover: ['./other'] },
    { dump: ['./other'] },
    { check: { module: '/home/me/store/powercut.config.ts' } },
    { recover: { module: '/home/me/store/powercut.config.ts' } },
    { durability: [] },
    { repeatRecovery: true },
    { fsck: true },
    { reuseVerdicts: false },
    { fastForward: true },
    { checkTimeoutMs: 5 },
  ])('is another with %j', (options) => expect(digest(options)).not.toBe(digest({})));

  it.each<Partial<ReplayOptions>>([
    { workers: 7 },
    { memoryBytes: 5 },
    { timeBudgetMs: 5 },
    { vm: 'uml' },
    { env: { A: 'b' } },
    { shard: { index: 1, count: 2 } },
  ])('is the same with %j', (options) => expect(digest(options)).toBe(digest({})));

  it('is the same for a function, wherever the checkout lies', () => {
    const at = (cwd: string): Partial<ReplayOptions> => ({ cwd, check: { module: `${cwd}/powercut.config.ts` } });
    expect(digest(at('/home/you'))).toBe(digest(at('/builds/7')));
  });
});

describe('the digest of a plan', () => {
  const made: MadeSpace = { strategy: 'in-flight', atoms: 5, unsettled: 0n, spared: 2, runs: [HELD] };
  const space = itemOf(made, 0) as PlannedSpace;
  const digest = (item: PlanItem): string => {
    const planned: CrashPlan = { items: [item], planned: 1, beforeReady: 0, skipped: 0 };
    return shardReport({ index: 1, count: 1 }, planned, RECORDING, OPTIONS, undefined).plan;
  };

  it.each<Partial<PlannedSpace>>([
    { strategy: 'torn' },
    { seed: 2 },
    { ackCount: 9 },
    { sample: false },
    { limit: 65 },
    { expectedRuns: 4 },
    { space: { ...space.space, anchor: 7 } },
    { space: { ...space.space, atoms: space.space.atoms.slice(1) } },
  ])('is another with %j', (change) => expect(digest({ ...space, ...change })).not.toBe(digest(space)));

  it('is another where other blocks are unknown', () => {
    expect(digest({ ...space, doubtful: 1n })).not.toBe(digest(space));
  });
});
