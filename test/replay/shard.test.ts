import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { entryIndex } from '../../src/units.ts';
import { runsOf, type CrashPlan, type PlannedSpace, type PlanItem } from '../../src/replay/plan.ts';
import { parseShard, takeShard } from '../../src/replay/shard.ts';

const planOf = (twins: readonly number[], skipped = 0): CrashPlan => ({
  items: twins.map((count, order) => ({
    kind: 'state',
    order,
    state: `p${order}`,
    anchor: order,
    ackCount: order,
    twins: count,
  })),
  planned: twins.reduce((sum, count) => sum + 1 + count, skipped),
  beforeReady: 3,
  skipped,
});

const spaceOf = (order: number, expectedRuns: number): PlannedSpace => ({
  kind: 'space',
  order,
  anchor: order,
  ackCount: order,
  strategy: 'in-flight',
  seed: 1,
  expectedRuns,
  space: { anchor: order, atoms: [{ entry: entryIndex(order + 1), offsetBytes: 0, lengthBytes: 512 }] },
  first: () => [],
  sample: true,
  limit: expectedRuns,
  doubtful: 0n,
});

/** A plan of single states, and of spaces where so many runs are expected. */
function mixedPlan(items: readonly ('state' | number)[]): CrashPlan {
  const states = planOf(items.map(() => 1));
  const mixed = items.map((item, order) => (item === 'state' ? states.items[order]! : spaceOf(order, item)));
  return { ...states, items: mixed, planned: 2 * mixed.filter(({ kind }) => kind === 'state').length };
}

const partsOf = (plan: CrashPlan, count: number): CrashPlan[] =>
  Array.from({ length: count }, (_, part) => takeShard(plan, { index: part + 1, count }));
const runsIn = (items: readonly PlanItem[]): number => items.reduce((sum, item) => sum + runsOf(item), 0);

describe('parseShard', () => {
  it.each([
    ['1/1', { index: 1, count: 1 }],
    ['2/3', { index: 2, count: 3 }],
    ['10/10', { index: 10, count: 10 }],
  ])('reads %s', (text, shard) => expect(parseShard(text)).toEqual(shard));

  it.each(['', '1', '0/3', '4/3', '1/0', '-1/3', '1/3/3', ' 1/3', '01/3', '1.5/3', 'a/b', '1/9999999'])(
    'refuses "%s"',
    (text) => {
      expect(() => parseShard(text)).toThrow(UsageError);
      expect(() => parseShard(text)).toThrow('expected i/n with i from 1 to n, such as 1/3');
    },
  );
});

describe('takeShard', () => {
  it('shares out the whole plan: each state once, ascending, sizes even, counts adding up', () => {
    const twins = fc.array(fc.nat(3), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(twins, fc.nat(5), fc.nat(39), (list, skipped, more) => {
        const plan = planOf(list, skipped);
        const count = 1 + (more % list.length);
        const parts = Array.from({ length: count }, (_, part) => takeShard(plan, { index: part + 1, count }));
        expect(parts.flatMap(({ items }) => items)).toEqual(plan.items);
        const sizes = parts.map(({ items }) => items.length);
        expect(Math.min(...sizes)).toBeGreaterThan(0);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        const sum = (pick: (part: CrashPlan) => number): number => parts.reduce((total, part) => total + pick(part), 0);
        expect(sum((part) => part.planned)).toBe(plan.planned);
        expect(sum((part) => part.skipped)).toBe(plan.skipped);
        for (const part of parts) expect(part.beforeReady).toBe(plan.beforeReady);
      }),
    );
  });

  it('shares out spaces whole, by the runs that are expected of them', () => {
    const item = fc.oneof(fc.constant('state' as const), fc.nat(64));
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 40 }), fc.nat(39), (list, more) => {
        const plan = mixedPlan(list);
        const toRun = plan.items.filter((each) => runsOf(each) > 0).length;
        fc.pre(toRun > 0);
        const count = 1 + (more % toRun);
        const parts = partsOf(plan, count);
        expect(parts.flatMap(({ items }) => items)).toEqual(plan.items);
        expect(parts.filter(({ items }) => runsIn(items) === 0)).toEqual([]);
        expect(parts.reduce((sum, { planned }) => sum + planned, 0)).toBe(plan.planned);
        // No cut is further from its place than half an item, unless a part would be empty.
        const longest = Math.max(...plan.items.map(runsOf));
        for (const { items } of parts.filter((part) => part.items.filter((each) => runsOf(each) > 0).length > 1)) {
          expect(runsIn(items)).toBeLessThanOrEqual(runsIn(plan.items) / count + longest);
        }
      }),
    );
    const sizes = partsOf(mixedPlan([64, 'state', 'state', 62, 'state', 'state', 'state', 64]), 3);
    expect(sizes.map(({ items }) => runsIn(items))).toEqual([65, 65, 65]);
    expect(partsOf(mixedPlan(['state', 'state', 64]), 3).map(({ items }) => runsIn(items))).toEqual([1, 1, 64]);
    // Nothing can be judged of a space without runs.
    expect(() => takeShard(mixedPlan([64, 0]), { index: 1, count: 2 })).toThrow('n can be 1 at most');
  });

  it('is the same each time, and the plan itself for one of one', () => {
    const plan = planOf([0, 2, 0, 1], 2);
    expect(takeShard(plan, { index: 2, count: 3 })).toEqual(takeShard(plan, { index: 2, count: 3 }));
    expect(takeShard(plan, { index: 1, count: 1 })).toEqual(plan);
  });

  it('refuses more shards than states, in every one of them', () => {
    for (const index of [1, 2, 3]) {
      expect(() => takeShard(planOf([0, 0]), { index, count: 3 })).toThrow(
        `--shard ${index}/3: n can be 2 at most, since the plan has no more to share out`,
      );
    }
  });
});
