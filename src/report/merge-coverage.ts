import type { StrategyCoverage, StrategySpaces } from './report.ts';

/**
 * What is covered of the whole, exactly. What a missing part has covered is not known, so it counts as nothing.
 *
 * @param whole what there is to cover in all parts, whether they are here or not
 */
export function mergeCoverage(
  whole: readonly StrategySpaces[],
  parts: readonly StrategyCoverage[],
): StrategyCoverage[] {
  return whole.map(({ strategy, spaces, states }) => {
    const own = parts.filter((part) => part.strategy === strategy);
    return {
      strategy,
      spaces,
      complete: own.reduce((sum, { complete }) => sum + complete, 0),
      states,
      settled: sumOf(own.map(({ settled }) => settled)),
      skipped: sumOf(own.map(({ skipped }) => skipped)),
      runs: own.reduce((sum, { runs }) => sum + runs, 0),
    };
  });
}

const sumOf = (decimals: readonly string[]): string => `${decimals.reduce((sum, each) => sum + BigInt(each), 0n)}`;
