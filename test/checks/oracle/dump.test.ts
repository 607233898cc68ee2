import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collectDump, parseDump } from '../../../src/checks/oracle/dump.ts';

const entries = new Map([
  ['a', '1'],
  ['b', ''],
]);
const objects = [...entries].map(([key, value]) => ({ key, value }));
const whole = { kind: 'entries', entries };
const MUCH = 1000;

async function* later<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

describe('the dump of a function', () => {
  it.each([
    ['pairs', [...entries]],
    ['the objects that a command prints as lines', objects],
    ['a Map', entries],
    ['an object', Object.fromEntries(entries)],
    ['a generator', objects.values()],
    ['an asynchronous generator', later(objects)],
    ['promises', objects.map((each) => Promise.resolve(each))],
  ])('may be %s', async (_what, answer) => {
    expect(await collectDump(answer, MUCH)).toEqual(whole);
  });

  it('says the same as the lines of a command', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.record({ key: fc.string(), value: fc.string() })), async (each) => {
        const printed = parseDump(each.map((entry) => JSON.stringify(entry)).join('\n'));
        const collected = await collectDump(each, Infinity);
        expect(collected!.kind).toBe(printed.kind);
        if (printed.kind === 'entries') expect(collected).toEqual(printed);
      }),
    ));

  it.each([undefined, null, 'lost: it', 7, () => []])('cannot be %s', async (answer) => {
    expect(await collectDump(answer, MUCH)).toBeUndefined();
  });

  it.each([
    ['a number', [['a', '1'], 7], 'entry 2 of the dump is no'],
    ['a pair of three', [['a', '1', '2']], 'entry 1 of the dump is no'],
    ['a value that is no text', { a: 1 }, 'entry 1 of the dump is no'],
    ['a key again', [...entries, ['a', '2']], 'entry 3 of the dump holds the key "a" again'],
  ])('cannot hold %s', async (_what, answer, reason) => {
    expect(await collectDump(answer, MUCH)).toEqual({ kind: 'unusable', reason: expect.stringContaining(reason) });
  });

  it('has an end', async () => {
    const endless = function* () {
      for (let i = 0; ; i++) yield [`key ${i}`, ''] as const;
    };
    const reason = 'the dump holds more than 1000 characters';
    expect(await collectDump(endless(), MUCH)).toEqual({ kind: 'unusable', reason });
  });

  it('throws on what its generator throws', async () => {
    const broken = function* () {
      yield ['a', '1'] as const;
      throw new Error('page 7');
    };
    await expect(collectDump(broken(), MUCH)).rejects.toThrow('page 7');
  });
});

describe('the dump of a command', () => {
  it('is objects only', () => {
    expect(parseDump('{"key":"a","value":"1"}\n\n{"key":"b","value":""}\n')).toEqual(whole);
    expect(parseDump('["a","1"]')).toMatchObject({ kind: 'unusable', reason: expect.stringMatching(/^line 1 /) });
    expect(parseDump('\n{}')).toMatchObject({ kind: 'unusable', reason: expect.stringMatching(/^line 2 /) });
  });
});
