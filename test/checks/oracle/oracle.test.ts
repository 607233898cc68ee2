/** No false alarm: whatever a correct store can leave behind, no invariant complains. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Oracle } from '../../../src/checks/oracle/oracle.ts';
import { parseDurability } from '../../../src/stores/durability.ts';
import { draws, GROUP_MS, simulateCrash, type Mode, type SimulationOptions } from './simulated-store.ts';

// Thousands of cases; a busy machine needs more than the usual five seconds for them.
vi.setConfig({ testTimeout: 120_000 });

const CONTRACTS: Record<Mode, readonly string[]> = { sync: ['sync'], group: [`group:${GROUP_MS}ms`], none: ['none'] };
const RUNS = 1500;

const SHAPES: Record<string, Omit<SimulationOptions, 'mode'>> = {
  'one session, puts and deletes': { sessions: 1, keys: 4, ops: ['put', 'put', 'delete'] },
  'ten sessions, puts and deletes': { sessions: 10, keys: 5, ops: ['put', 'put', 'delete'] },
  'values that repeat': { sessions: 4, keys: 2, values: 2, ops: ['put', 'delete'] },
  transactions: { sessions: 4, keys: 5, ops: ['txn', 'txn', 'put', 'delete'] },
  batches: { sessions: 3, keys: 4, ops: ['batch', 'put', 'delete'] },
  appends: { sessions: 1, keys: 2, ops: ['append', 'append', 'put', 'delete'] },
  'concurrent appends': { sessions: 4, keys: 2, ops: ['append', 'append', 'append', 'put', 'delete'] },
  'appends that repeat': { sessions: 3, keys: 2, values: 2, ops: ['append', 'append', 'delete'] },
  everything: { sessions: 5, keys: 4, ops: ['put', 'delete', 'append', 'txn', 'batch'] },
};

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
