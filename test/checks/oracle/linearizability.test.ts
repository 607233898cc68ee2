import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { explain } from '../../../src/checks/oracle/linearizability.ts';
import { Moment } from '../../../src/checks/oracle/moment.ts';
import { readRegister } from '../../../src/checks/oracle/register-rule.ts';
import { textModel } from '../../../src/checks/oracle/text-model.ts';
import { applyEffect, timelinesOf, type KeyOperation, type Timeline } from '../../../src/checks/oracle/timeline.ts';
import { parseDurability } from '../../../src/stores/durability.ts';
import { draws, simulateCrash } from './simulated-store.ts';

// Thousands of cases; a busy machine needs more than the usual five seconds for them.
vi.setConfig({ testTimeout: 120_000 });

const BUDGET = 1_000_000;
const VALUES = 3;

/** All orders of all subsets, tried one by one: slow, and too simple to be wrong. */
function bruteForce(
  operations: readonly KeyOperation[],
  isRequired: (op: KeyOperation) => boolean,
  found: string | undefined,
  gapsAllowed = false,
): boolean {
  const visit = (left: readonly KeyOperation[], value: string | undefined): boolean => {
    if (value === found && !left.some(isRequired)) return true;
    return left.some((op) => {
      const over = left.filter((other) => other.end < op.start);
      if (gapsAllowed ? over.some(isRequired) : over.length > 0) return false;
      return visit(
        left.filter((each) => each !== op && !over.includes(each)),
        op.effects.reduce(applyEffect, value),
      );
    });
  };
  return visit(operations, undefined);
}

function search(
  timeline: Timeline,
  possible: readonly KeyOperation[],
  isRequired: (op: KeyOperation) => boolean,
  found: string | undefined,
  gapsAllowed = false,
) {
  const model = textModel(found, true);
  return explain({ model, operations: possible, isRequired, gapsAllowed, stepBudget: BUDGET }).kind;
}

const anyFound = fc.option(
  fc.nat(VALUES).map((n) => `v${n}`),
  { nil: undefined },
);

describe('the search and the exact rule for registers', () => {
  it('agree on every key that is put and deleted', () => {
    const seen = { explained: 0, impossible: 0, unknown: 0 };
    fc.assert(
      fc.property(draws, anyFound, (numbers, found) => {
        const { history, passed } = simulateCrash(numbers, {
          mode: 'sync',
          sessions: 4,
          keys: 2,
          values: VALUES,
          ops: ['put', 'delete', 'txn'],
        });
        const moment = new Moment(history, passed, parseDurability([]));
        for (const timeline of timelinesOf(history).values()) {
          const possible = timeline.operations.filter(({ operation }) => !moment.isImpossible(operation));
          const isRequired = ({ operation }: KeyOperation) => moment.mustSurvive(operation) === true;
          const { bound } = readRegister(timeline, found, moment);
          const byRule = !Number.isNaN(bound) && !timeline.operations.some((op) => isRequired(op) && op.start > bound);
          const bySearch = search(timeline, possible, isRequired, found);
          seen[bySearch]++;
          expect(bySearch).toBe(byRule ? 'explained' : 'impossible');
        }
      }),
      { numRuns: 2000 },
    );
    // Both answers came up often, so that agreeing means something.
    expect(seen.explained).toBeGreaterThan(100);
    expect(seen.impossible).toBeGreaterThan(100);
    expect(seen.unknown).toBe(0);
  });
});

describe('the search', () => {
  it.each([
    ['', false],
    [' and gaps', true],
  ])('finds what trying all orders finds, with appends%s', (_, gapsAllowed) => {
    const seen = { explained: 0, impossible: 0, unknown: 0 };
    const text = fc.array(fc.nat(1), { maxLength: 3 }).map((all) => all.map((n) => `v${n}`).join(''));
    fc.assert(
      fc.property(
        fc.array(fc.nat(1_000_000), { minLength: 20, maxLength: 60 }),
        fc.option(text, { nil: undefined }),
        (numbers, found) => {
          const { history, passed } = simulateCrash(numbers, {
            mode: 'sync',
            sessions: 3,
            keys: 1,
            values: 2,
            ops: ['append', 'append', 'put', 'delete'],
          });
          const moment = new Moment(history, passed, parseDurability([]));
          for (const timeline of timelinesOf(history).values()) {
            const possible = timeline.operations.filter(({ operation }) => !moment.isImpossible(operation)).slice(0, 7);
            const isRequired = ({ operation }: KeyOperation) => moment.mustSurvive(operation) === true;
            const bySearch = search(timeline, possible, isRequired, found, gapsAllowed);
            seen[bySearch]++;
            const byForce = bruteForce(possible, isRequired, found, gapsAllowed);
            expect(bySearch).toBe(byForce ? 'explained' : 'impossible');
          }
        },
      ),
      { numRuns: 1500 },
    );
    expect(seen.explained).toBeGreaterThan(100);
    expect(seen.impossible).toBeGreaterThan(100);
  });

  it('with gaps looks at no more configurations than a long history has operations', () => {
    const values = Array.from({ length: 300 }, (_, i) => `<${i}>`);
    const operations = values.map((value, i) => ({
      start: 2 * i,
      end: 2 * i + 1,
      effects: [{ op: i === 150 ? 'put' : 'append', key: 'k', value } as const],
    }));
    const problem = (found: string) => ({ model: textModel(found, true), operations, gapsAllowed: true });
    const upTo = (last: number) =>
      explain({ ...problem(values.slice(150, last).join('')), isRequired, stepBudget: BUDGET });
    const isRequired = ({ start }: { start: number }) => start < 2 * 200;
    expect([200, 199].map((last) => upTo(last).kind)).toEqual(['explained', 'impossible']);
  });

  it('says unknown beyond its budget, not a guess', () => {
    const operations = Array.from({ length: 12 }, (_, i) => ({
      start: i,
      end: 100 + i,
      effects: [{ op: 'append', key: 'k', value: 'a' } as const],
    }));
    const model = textModel('a'.repeat(11) + 'b', false);
    expect(explain({ model, operations, isRequired: () => true, stepBudget: 5 }).kind).toBe('unknown');
    expect(explain({ model, operations, isRequired: () => true, stepBudget: BUDGET }).kind).toBe('impossible');
  });

  it('gives the order that explains it', () => {
    const append = (start: number, end: number, value: string) => ({
      start,
      end,
      effects: [{ op: 'append', key: 'k', value } as const],
    });
    const operations = [append(0, 3, 'a'), append(1, 2, 'b'), append(4, 5, 'c')];
    const explanation = explain({
      model: textModel('bac', false),
      operations,
      isRequired: () => true,
      stepBudget: BUDGET,
    });
    expect(explanation).toEqual({ kind: 'explained', order: [operations[1], operations[0], operations[2]] });
  });

  it('with gaps allowed leaves out what was over, in order still', () => {
    const append = (start: number, end: number, value: string) => ({
      start,
      end,
      effects: [{ op: 'append', key: 'k', value } as const],
    });
    const operations = [append(0, 1, 'a'), append(2, 3, 'b'), append(4, 5, 'c')];
    const ask = (found: string, gapsAllowed: boolean) =>
      explain({ model: textModel(found, false), operations, isRequired: () => false, gapsAllowed, stepBudget: BUDGET })
        .kind;
    expect([ask('ac', false), ask('ac', true), ask('ca', true)]).toEqual(['impossible', 'explained', 'impossible']);
  });
});
