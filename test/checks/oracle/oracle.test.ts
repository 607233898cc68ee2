/** No false alarm: whatever a correct store can leave behind, no invariant complains. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Oracle } from '../../../src/checks/oracle/oracle.ts';
import { parseDurability } from '../../../src/stores/durability.ts';
import { CONTRACTS, draws, SHAPES, simulateCrash } from './simulated-store.ts';

// Thousands of cases; a busy machine needs more than the usual five seconds for them.
vi.setConfig({ testTimeout: 120_000 });

const RUNS = 1500;

describe.each(Object.entries(SHAPES))('a correct store: %s', (_, shape) => {
  it.each(['sync', 'group', 'none'] as const)('that promises %s raises nothing', (mode) => {
    fc.assert(
      fc.property(draws, (numbers) => {
        const { history, passed, entries } = simulateCrash(numbers, { ...shape, mode });
        const oracle = new Oracle(history, parseDurability(CONTRACTS[mode]));
        expect(oracle.judge({ kind: 'opened', entries }, passed).verdict).toEqual({ kind: 'ok' });
      }),
      { numRuns: RUNS },
    );
  });

  it('that promises sync has a loss window of nothing', () => {
    fc.assert(
      fc.property(draws, (numbers) => {
        const { history, passed, entries } = simulateCrash(numbers, { ...shape, mode: 'sync' });
        const { losses } = new Oracle(history, parseDurability([])).judge({ kind: 'opened', entries }, passed);
        expect(losses).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
