import { describe, expect, it } from 'vitest';
import { callFunction } from '../../src/engine/call-function.ts';

const LIMIT_MS = 10_000;
const thrower = (): never => {
  throw new Error('no such file');
};

describe('callFunction', () => {
  it.each([
    ['a value', () => 'lost: it'],
    ['a promise of it', async () => 'lost: it'],
  ])('tells what was returned: %s', async (_what, call) => {
    expect(await callFunction(call, LIMIT_MS)).toEqual({ kind: 'returned', value: 'lost: it' });
  });

  it.each([
    ['at once', thrower],
    ['later', async () => thrower()],
  ])('tells what was thrown %s', async (_when, call) => {
    expect(await callFunction(call, LIMIT_MS)).toEqual({ kind: 'threw', message: 'no such file' });
  });

  it('does not wait beyond the limit', async () => {
    const never = () => new Promise<undefined>(() => undefined);
    expect(await callFunction(never, 20)).toEqual({ kind: 'late', timeoutMs: 20 });
  });
});
