import type { Coverage } from '../replay/exploration.ts';
import type { CrashPlan, PlannedSpace } from '../replay/plan.ts';
import type { SpaceCoverage, StrategyCoverage } from '../report/report.ts';

/** Adds up what was covered of the states between the barriers, exactly. */
export class CoverageTally {
  readonly #covered = new Map<number, Coverage>();
  readonly #finished = new Set<number>();

  add({ order }: PlannedSpace, coverage: Coverage, finished: boolean): void {
    this.#covered.set(order, coverage);
    if (finished) this.#finished.add(order);
  }

  /** Runs that a plan has turned out to need: those made, and those that were expected where it is not finished. */
  runs(plan: CrashPlan): number {
    const needed = ({ order, expectedRuns }: PlannedSpace): number =>
      this.#finished.has(order) ? this.#covered.get(order)!.runs : expectedRuns;
    return spacesOf(plan).reduce((sum, space) => sum + needed(space), 0);
  }

  /** One sum for each strategy, in the order of the plan. */
  report(plan: CrashPlan): StrategyCoverage[] {
    const spaces = spacesOf(plan);
    const names = [...new Set(spaces.map(({ strategy }) => strategy))];
    return names.map((strategy) =>
      this.#sum(
        strategy,
        spaces.filter((space) => space.strategy === strategy),
      ),
    );
  }

  #sum(strategy: string, spaces: readonly PlannedSpace[]): StrategyCoverage {
    const parts = spaces.map((space) => this.#covered.get(space.order) ?? untouched(space));
    const total = (pick: (part: Coverage) => bigint): bigint => parts.reduce((sum, part) => sum + pick(part), 0n);
    const sum: Coverage = {
      states: total(({ states }) => states),
      settled: total(({ settled }) => settled),
      skipped: total(({ skipped }) => skipped),
      runs: parts.reduce((runs, part) => runs + part.runs, 0),
    };
    const complete = parts.filter(({ states, settled }) => states === settled).length;
    return { strategy, spaces: parts.length, complete, ...inDecimal(sum) };
  }
}

/** As reports and events have it: no JSON holds numbers of that size. */
export const inDecimal = ({ states, settled, skipped, runs }: Coverage): SpaceCoverage => ({
  states: `${states}`,
  settled: `${settled}`,
  skipped: `${skipped}`,
  runs,
});

const untouched = ({ space }: PlannedSpace): Coverage => {
  return { states: 1n << BigInt(space.atoms.length), settled: 0n, skipped: 0n, runs: 0 };
};

const spacesOf = ({ items }: CrashPlan): PlannedSpace[] => items.filter((item) => item.kind === 'space');
