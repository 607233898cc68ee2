import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { classOf, formatPromise, parseDurability } from '../../src/stores/durability.ts';

describe('parseDurability', () => {
  it('promises sync where nothing is said', () => {
    expect(parseDurability([])).toEqual({ default: { kind: 'sync' } });
  });

  it('reads promises, for all and for classes', () => {
    const contract = parseDurability(['group:1.5s', 'cache=none', 'log=group:20ms']);
    expect(contract).toEqual({
      default: { kind: 'group', withinMs: 1500 },
      cache: { kind: 'none' },
      log: { kind: 'group', withinMs: 20 },
    });
    expect(Object.values(contract).map(formatPromise)).toEqual(['group <= 1500 ms', 'none', 'group <= 20 ms']);
    expect([{}, { class: 'cache' }, { class: 'toString' }].map((operation) => classOf(contract, operation))).toEqual([
      'default',
      'cache',
      'default',
    ]);
  });

  it.each(['', 'async', 'group', 'group:5', 'group:5h', '=none', 'a b=none'])('refuses %j', (text) => {
    expect(() => parseDurability([text])).toThrow(UsageError);
  });
});
