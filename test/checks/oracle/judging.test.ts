/** Single judgements, each with its reason. */
import { describe, expect, it, vi } from 'vitest';
import { Oracle, type Ruling } from '../../../src/checks/oracle/oracle.ts';
import { parseDurability } from '../../../src/stores/durability.ts';
import { parseHistory } from '../../../src/stores/history.ts';

// Thousands of cases; a busy machine needs more than the usual five seconds for them.
vi.setConfig({ testTimeout: 120_000 });

interface Case {
  readonly events: readonly object[];
  readonly found: Readonly<Record<string, string>>;
  /** Position of the last event before the crash; all of them unless given. */
  readonly passed?: number;
  readonly durability?: readonly string[];
}

function judge({ events, found, passed = events.length - 1, durability = [] }: Case): Ruling {
  const history = parseHistory(events.map((event) => JSON.stringify(event)).join('\n'))!;
  const entries = new Map(Object.entries(found));
  return new Oracle(history, parseDurability(durability)).judge({ kind: 'opened', entries }, passed);
}

const invoke = (id: number, op: string, key: string, value?: string, more: object = {}) => ({
  type: 'invoke',
  id,
  op,
  key,
  ...(value !== undefined && { value }),
  ...more,
});
const ok = (id: number, timeMs?: number) => ({ type: 'ok', id, ...(timeMs !== undefined && { timeMs }) });
const done = (id: number, op: string, key: string, value?: string) => [invoke(id, op, key, value), ok(id)];
const classOf = ({ verdict }: Ruling) => (verdict.kind === 'violated' ? verdict.class : verdict.kind);

describe('an operation that was not acknowledged', () => {
  const events = [...done(1, 'put', 'k', 'a'), invoke(2, 'put', 'k', 'b')];
  it.each([
    ['may be there', { k: 'b' }, 'ok'],
    ['may be missing', { k: 'a' }, 'ok'],
    ['does not excuse the one before', {}, 'lost'],
  ])('%s', (_, found, expected) => expect(classOf(judge({ events, found: found as never }))).toBe(expected));
});

describe('an invocation that waited for its mark', () => {
  const later = (reply: boolean) => [
    ...done(1, 'put', 'k', 'a'),
    invoke(2, 'delete', 'k', undefined, { reply }),
    ok(2),
  ];
  it('excuses nothing before that mark', () =>
    expect(classOf(judge({ events: later(true), found: {}, passed: 1 }))).toBe('lost'));
  it('excuses it after', () => expect(classOf(judge({ events: later(true), found: {}, passed: 2 }))).toBe('ok'));
  it('that did not wait excuses it at any time, since its line may have been read late', () =>
    expect(classOf(judge({ events: later(false), found: {}, passed: 1 }))).toBe('ok'));
});

describe('an operation that failed', () => {
  const events = [invoke(1, 'put', 'k', 'a'), { type: 'fail', id: 1 }];
  it('is a phantom once it had failed', () => expect(classOf(judge({ events, found: { k: 'a' } }))).toBe('phantom'));
  it('may be there before', () => expect(classOf(judge({ events, found: { k: 'a' }, passed: 0 }))).toBe('ok'));
  it('may be there when nobody knows (info)', () =>
    expect(classOf(judge({ events: [events[0]!, { type: 'info', id: 1 }], found: { k: 'a' } }))).toBe('ok'));
});

describe('a key that is appended to', () => {
  const events = [
    ...done(1, 'append', 'k', 'aaa,'),
    ...done(2, 'append', 'k', 'bbb,'),
    ...done(3, 'append', 'k', 'ccc,'),
  ];
  it.each([
    ['all of it', 'aaa,bbb,ccc,', 'ok'],
    ['the last is gone', 'aaa,bbb,', 'lost'],
    ['one in the middle is gone', 'aaa,ccc,', 'reordered'],
    ['the last is cut short', 'aaa,bbb,cc', 'torn'],
    ['it ends in zeros', 'aaa,bbb,\0\0\0\0', 'torn'],
    ['something else', 'aaa,bXb,ccc,', 'corrupt'],
    ['two in the wrong order', 'bbb,aaa,ccc,', 'corrupt'],
  ])('%s', (_, k, expected) => expect(classOf(judge({ events, found: { k } }))).toBe(expected));

  it('names the operation that is missing', () => {
    expect(judge({ events, found: { k: 'aaa,ccc,' } }).verdict).toMatchObject({
      message: expect.stringContaining('operation 2 (append "k")'),
    });
  });
});

describe('a transaction with an append', () => {
  const ops = [
    { op: 'append', key: 'log', value: 'x' },
    { op: 'put', key: 'k', value: 'new' },
  ];
  const events = [
    ...done(1, 'put', 'k', 'old'),
    ...done(2, 'append', 'log', 'w'),
    { type: 'invoke', id: 3, op: 'txn', ops },
  ];
  it.each([
    ['whole', { k: 'new', log: 'wx' }, 'ok'],
    ['absent', { k: 'old', log: 'w' }, 'ok'],
    ['without the append', { k: 'new', log: 'w' }, 'torn'],
    ['with nothing but the append', { k: 'old', log: 'wx' }, 'torn'],
  ])('%s', (_, found, expected) => expect(classOf(judge({ events, found: found as never }))).toBe(expected));

  it('as a batch may be half there', () => {
    const batch = [...events.slice(0, 4), { type: 'invoke', id: 3, op: 'batch', ops }];
    expect(classOf(judge({ events: batch, found: { k: 'new', log: 'w' } }))).toBe('ok');
  });
});

describe('a batch that names a key twice', () => {
  const ops = ['a', 'b'].map((value) => ({ op: 'put', key: 'k', value }));
  it.each([{}, { k: 'a' }, { k: 'b' }])('may have got as far as %j', (found) => {
    expect(classOf(judge({ events: [{ type: 'invoke', id: 1, op: 'batch', ops }], found: found as never }))).toBe('ok');
  });

  it('as a transaction may not stop in between', () => {
    expect(classOf(judge({ events: [{ type: 'invoke', id: 1, op: 'txn', ops }], found: { k: 'a' } }))).not.toBe('ok');
  });
});

describe('a durability promise', () => {
  const timed = (id: number, value: string, atMs: number) => [
    invoke(id, 'put', `k${id}`, value, { timeMs: atMs }),
    ok(id, atMs + 1),
  ];
  const events = [...timed(1, 'a', 0), ...timed(2, 'b', 500), ...timed(3, 'c', 560)];

  it('of a group keeps what is older than that', () => {
    expect(classOf(judge({ events, found: { k1: 'a', k2: 'b' }, durability: ['group:100ms'] }))).toBe('ok');
    expect(classOf(judge({ events, found: { k1: 'a' }, durability: ['group:100ms'] }))).toBe('ok');
    expect(classOf(judge({ events, found: {}, durability: ['group:100ms'] }))).toBe('lost');
  });

  it('of none keeps nothing, but the loss is measured', () => {
    const ruling = judge({ events, found: { k1: 'a' }, durability: ['none'] });
    expect(ruling).toEqual({ verdict: { kind: 'ok' }, losses: [{ class: 'default', operations: 2, ms: 60 }] });
  });

  it('of a group cannot be judged without times', () => {
    const untimed = [...done(1, 'put', 'a', '1'), ...done(2, 'put', 'b', '2')];
    expect(judge({ events: untimed, found: { a: '1' }, durability: ['group:1s'] }).verdict.kind).toBe('unknown');
    expect(judge({ events: untimed, found: { a: '1', b: '2' }, durability: ['group:1s'] }).verdict.kind).toBe('ok');
  });

  it('of one class does not touch another', () => {
    const mixed = [invoke(1, 'put', 'a', '1', { class: 'cache' }), ok(1), ...done(2, 'put', 'b', '2')];
    expect(classOf(judge({ events: mixed, found: { b: '2' }, durability: ['cache=none'] }))).toBe('ok');
    expect(classOf(judge({ events: mixed, found: { a: '1' }, durability: ['cache=none'] }))).toBe('lost');
  });

  it('of none does not keep an order, unless a session asks for it', () => {
    const inSession = (session: object) => [
      invoke(1, 'put', 'a', '1', session),
      ok(1),
      invoke(2, 'put', 'b', '2', session),
      ok(2),
    ];
    expect(classOf(judge({ events: inSession({}), found: { b: '2' }, durability: ['none'] }))).toBe('ok');
    expect(classOf(judge({ events: inSession({ session: 's' }), found: { b: '2' }, durability: ['none'] }))).toBe(
      'reordered',
    );
  });
});

describe('a session that does not wait', () => {
  it('promises no order of what overlaps', () => {
    const s = { session: 's' };
    const events = [
      invoke(1, 'put', 'a', '1', s),
      invoke(2, 'put', 'b', '2', s),
      ok(1),
      ok(2),
      invoke(3, 'put', 'c', '3', { session: 'other' }),
      ok(3),
    ];
    expect(classOf(judge({ events, found: { b: '2', c: '3' }, durability: ['none'] }))).toBe('ok');
  });
});

describe('concurrent writers', () => {
  it('may have come in either order, but not both be gone', () => {
    const events = [invoke(1, 'put', 'k', 'a'), invoke(2, 'put', 'k', 'b'), ok(1), ok(2)];
    expect([{ k: 'a' }, { k: 'b' }, {}].map((found) => classOf(judge({ events, found: found as never })))).toEqual([
      'ok',
      'ok',
      'lost',
    ]);
  });

  it('ten of them, and one lost update in one key of a thousand: named by key and operation', () => {
    const events: object[] = [];
    const found: Record<string, string> = {};
    for (let id = 1; id <= 5000; id += 10) {
      const round = Array.from({ length: 10 }, (_, i) => id + i);
      for (const each of round)
        events.push(invoke(each, 'put', `key-${each % 1000}`, `value-${each}`, { session: `s${each % 10}` }));
      for (const each of round) events.push(ok(each));
      for (const each of round) found[`key-${each % 1000}`] = `value-${each}`;
    }
    expect(classOf(judge({ events, found }))).toBe('ok');
    const { verdict } = judge({ events, found: { ...found, 'key-437': 'value-3437' } });
    expect(verdict).toMatchObject({
      kind: 'violated',
      class: 'reordered',
      message: expect.stringContaining('operation 4437 (put "key-437")'),
    });
  });
});

describe('a hundred thousand operations', () => {
  /** Ten writers, all at once, in rounds. */
  function rounds(
    count: number,
    op: 'put' | 'append',
    keys: number,
  ): { events: object[]; found: Record<string, string> } {
    const events: object[] = [];
    const found: Record<string, string> = {};
    for (let id = 1; id <= count; id += 10) {
      const round = Array.from({ length: 10 }, (_, i) => id + i);
      for (const each of round) events.push(invoke(each, op, `k${each % keys}`, `<${each}>`));
      for (const each of round) events.push(ok(each));
      for (const each of round) {
        const key = `k${each % keys}`;
        found[key] = op === 'put' ? `<${each}>` : (found[key] ?? '') + `<${each}>`;
      }
    }
    return { events, found };
  }

  it.each([
    ['put', 1000],
    ['put', 1],
    ['append', 1000],
    ['append', 1],
  ] as const)('(%s, %i keys) are judged within the limit', (op, keys) => {
    const { events, found } = rounds(100_000, op, keys);
    expect(classOf(judge({ events, found }))).toBe('ok');
  });
});

describe('order, where nothing is promised', () => {
  it('does not miss an operation that a later one may have hidden', () => {
    const mine = { session: 's', reply: true };
    const events = [
      invoke(1, 'append', 'a', '<1>', mine),
      { type: 'info', id: 1 },
      invoke(2, 'append', 'a', '<2>', mine),
      ok(2),
      invoke(3, 'put', 'b', '<3>', { session: 's' }),
      { type: 'info', id: 3 },
      invoke(4, 'delete', 'a', undefined, { session: 's' }),
      { type: 'info', id: 4 },
    ];
    const found = { b: '<3>' };
    expect(judge({ events, found, passed: 2, durability: ['none'] }).verdict).toEqual({ kind: 'ok' });
    // Without the deletion nothing can have hidden it.
    const without = judge({ events: events.slice(0, 6), found, passed: 2, durability: ['none'] });
    expect(classOf(without)).toBe('reordered');
  });
});
