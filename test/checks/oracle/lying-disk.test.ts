/**
 * A disk that reported a flush done and had not done it. What was durable before is asked for; what came later may be there
 * or not, in whole records, in any choice; and nothing is there that had not begun when the power went.
 */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Passed } from '../../../src/checks/oracle/moment.ts';
import { Oracle, type Ruling } from '../../../src/checks/oracle/oracle.ts';
import { parseDurability } from '../../../src/stores/durability.ts';
import { parseHistory, type Operation } from '../../../src/stores/history.ts';
import { CONTRACTS, draws, SHAPES, simulateCrash, type SimulatedCrash } from './simulated-store.ts';

// Thousands of cases; a busy machine needs more than the usual five seconds for them.
vi.setConfig({ testTimeout: 120_000 });

type Found = Readonly<Record<string, string>>;

function judge(events: readonly object[], found: Found, passed: Passed, durability: readonly string[] = []): Ruling {
  const history = parseHistory(events.map((event) => JSON.stringify(event)).join('\n'))!;
  const entries = new Map(Object.entries(found));
  const assumption = typeof passed === 'number' ? 'cache' : 'lying-flush';
  return new Oracle(history, parseDurability(durability)).judge(
    { kind: 'opened', entries },
    passed,
    undefined,
    assumption,
  );
}

const done = (id: number, op: string, key: string, value?: string, more: object = {}) => [
  { type: 'invoke', id, op, key, ...(value !== undefined && { value }), ...more },
  { type: 'ok', id },
];
const classOf = ({ verdict }: Ruling) => (verdict.kind === 'violated' ? verdict.class : verdict.kind);

describe('of three puts, the first acknowledged before the lie, the last not begun', () => {
  const waits = { reply: true };
  const events = [
    ...done(1, 'put', 'a', '1', waits),
    ...done(2, 'put', 'b', '2', waits),
    ...done(3, 'put', 'c', '3', waits),
    ...done(4, 'put', 'd', '4', waits),
  ];
  it.each<[string, Found, string]>([
    ['the first alone is enough', { a: '1' }, 'ok'],
    ['one that began after the lie may be there', { a: '1', b: '2' }, 'ok'],
    ['and a later one without it', { a: '1', c: '3' }, 'ok'],
    ['the first must be there', {}, 'lost'],
    ['also when later ones are', { b: '2', c: '3' }, 'lost'],
    ['what had not begun at the crash must not', { a: '1', d: '4' }, 'phantom'],
  ])('%s', (_, found, expected) => {
    expect(classOf(judge(events, found, { passed: 1, reached: 5 }))).toBe(expected);
  });

  it('an honest disk keeps their order', () => {
    expect(classOf(judge(events, { a: '1', c: '3' }, 5))).toBe('reordered');
  });

  it('no mark between the lie and the crash makes the disk no more honest', () => {
    const unhurried = events.map((event) => ({ ...event, reply: false }));
    expect(classOf(judge(unhurried, { a: '1', c: '3' }, { passed: 1, reached: 1 }))).toBe('ok');
  });
});

describe('a key that is appended to', () => {
  const events = ['a,', 'b,', 'c,', 'd,'].flatMap((value, i) => done(i + 1, 'append', 'k', value));
  it.each<[string, string, string]>([
    ['all of it', 'a,b,c,d,', 'ok'],
    ['what was acknowledged before the lie', 'a,b,', 'ok'],
    ['with a gap behind that', 'a,b,d,', 'ok'],
    ['with a gap before that', 'b,c,d,', 'lost'],
    ['less than that', 'a,', 'lost'],
    ['in the wrong order', 'a,b,d,c,', 'corrupt'],
    ['cut short', 'a,b,d', 'torn'],
  ])('%s', (_, k, expected) => {
    expect(classOf(judge(events, { k }, { passed: 3, reached: 7 }))).toBe(expected);
  });
});

describe('an operation that failed', () => {
  const events = [
    { type: 'invoke', id: 1, op: 'put', key: 'k', value: 'a' },
    { type: 'fail', id: 1 },
  ];
  it('before the lie has left nothing', () => {
    expect(classOf(judge(events, { k: 'a' }, { passed: 1, reached: 1 }))).toBe('phantom');
  });
  it('after it may be there: undoing it may be what the disk has lost', () => {
    expect(classOf(judge(events, { k: 'a' }, { passed: 0, reached: 1 }))).toBe('ok');
  });
});

describe('a deletion', () => {
  const events = [...done(1, 'put', 'k', 'a'), ...done(2, 'delete', 'k'), ...done(3, 'put', 'z', '1')];
  it.each<[string, number, string]>([
    ['acknowledged before the lie is asked for', 3, 'ghost'],
    ['acknowledged after it is not', 1, 'ok'],
  ])('%s', (_, passed, expected) => {
    expect(classOf(judge(events, { k: 'a', z: '1' }, { passed, reached: 5 }))).toBe(expected);
  });
});

describe('a transaction after the lie', () => {
  const ops = ['a', 'b'].map((key) => ({ op: 'put', key, value: 'new' }));
  const old = ['a', 'b'].flatMap((key, i) => done(i + 1, 'put', key, 'old'));
  const events = [...old, { type: 'invoke', id: 3, op: 'txn', ops, reply: true }, { type: 'ok', id: 3 }];
  it.each<[string, Found, string]>([
    ['may be there', { a: 'new', b: 'new' }, 'ok'],
    ['may be missing', { a: 'old', b: 'old' }, 'ok'],
    ['is no right value by half', { a: 'new', b: 'old' }, 'torn'],
  ])('%s', (_, found, expected) => expect(classOf(judge(events, found, { passed: 3, reached: 5 }))).toBe(expected));
});

describe('a store that promises less', () => {
  const mine = { session: 's' };
  const events = [...done(1, 'put', 'a', '1', mine), ...done(2, 'put', 'b', '2', mine)];
  it('relies on a flush for the order of a session as well, also for what it had acknowledged before the lie', () => {
    expect(classOf(judge(events, { b: '2' }, { passed: 1, reached: 3 }, ['none']))).toBe('ok');
    expect(classOf(judge(events, { b: '2' }, 3, ['none']))).toBe('reordered');
  });

  it('is held to the age that an operation had at the lie', () => {
    const timed = events.map((event, i) => ({ ...event, timeMs: i * 100 }));
    const age = (passed: number) => classOf(judge(timed, {}, { passed, reached: 3 }, ['group:150ms']));
    expect([1, 2, 3].map(age)).toEqual(['ok', 'ok', 'lost']);
  });
});

function rule({ history, passed, entries }: SimulatedCrash, durability: readonly string[] = []): Ruling {
  const oracle = new Oracle(history, parseDurability(durability));
  return oracle.judge({ kind: 'opened', entries }, passed, undefined, 'lying-flush');
}

describe.each(Object.entries(SHAPES))('a correct store on a lying disk: %s', (_, shape) => {
  it.each(['sync', 'group', 'none'] as const)('that promises %s raises nothing', (mode) => {
    fc.assert(
      fc.property(draws, (numbers) => {
        const crash = simulateCrash(numbers, { ...shape, mode, diskLies: true });
        expect(rule(crash, CONTRACTS[mode]).verdict).toEqual({ kind: 'ok' });
      }),
      { numRuns: 700 },
    );
  });
});

/** The crash of a store that promises sync, with something done to what it gave back. */
function plant(change: (crash: SimulatedCrash, entries: Map<string, string>) => Operation | undefined): string[] {
  const seen: string[] = [];
  fc.assert(
    fc.property(draws, (numbers) => {
      const shape = { mode: 'sync', sessions: 3, keys: 20, ops: ['put', 'append'], diskLies: true } as const;
      const crash = simulateCrash(numbers, shape);
      const entries = new Map(crash.entries);
      const planted = change(crash, entries);
      if (planted === undefined) return;
      const ruling = rule({ ...crash, entries });
      seen.push(classOf(ruling));
      expect(ruling.verdict).toMatchObject({ message: expect.stringContaining(`operation ${planted.id} (`) });
    }),
    { numRuns: 700 },
  );
  expect(seen.length).toBeGreaterThan(50);
  return [...new Set(seen)];
}

const positions = (passed: Passed) => (typeof passed === 'number' ? expect.unreachable() : passed);

describe('a store on a lying disk that', () => {
  it('has lost what was durable before the lie, is told so', () => {
    const classes = plant(({ history, passed }, entries) => {
      const keys = history.operations.map(({ effects }) => effects[0]!.key);
      const isAlone = (key: string): boolean => keys.indexOf(key) === keys.lastIndexOf(key);
      const mustBeThere = history.operations.filter(({ end }) => end <= positions(passed).passed);
      const operation = mustBeThere.find(({ effects }) => isAlone(effects[0]!.key));
      if (operation === undefined) return undefined;
      expect(entries.delete(operation.effects[0]!.key)).toBe(true);
      return operation;
    });
    expect(classes).toEqual(['lost']);
  });

  it('holds what had not begun when the power went, is told so', () => {
    const classes = plant(({ history, passed }, entries) => {
      const { reached } = positions(passed);
      const operation = history.operations.find(({ op, waited, start }) => op === 'put' && waited && start > reached);
      const effect = operation?.effects[0];
      if (effect?.op === 'put') entries.set(effect.key, effect.value);
      return operation;
    });
    expect(classes).toEqual(['phantom']);
  });
});
