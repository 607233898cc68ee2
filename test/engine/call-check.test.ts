import { describe, expect, it } from 'vitest';
import { callCheck } from '../../src/engine/call-check.ts';

const state = { dir: '/somewhere', acked: ['a', 'b'], count: 2, last: 'b' };
const LIMIT_MS = 10_000;

describe('callCheck', () => {
  it('is told the state', async () => {
    let seen: unknown;
    await callCheck((given) => void (seen = given), state, LIMIT_MS);
    expect(seen).toEqual(state);
  });

  it.each([
    ['nothing', () => undefined],
    ['a promise of nothing', async () => undefined],
  ])('holds when it returns %s', async (_what, check) => {
    expect(await callCheck(check, state, LIMIT_MS)).toEqual({ kind: 'ok' });
  });

  it.each([
    ['lost: acked 2, recovered 1', 'lost', 'acked 2, recovered 1'],
    ['gap: 1 is missing', 'reordered', '1 is missing'],
  ])('is violated when it returns %j', async (answer, violationClass, message) => {
    const verdict = await callCheck(async () => answer, state, LIMIT_MS);
    expect(verdict).toMatchObject({
      kind: 'violated',
      class: violationClass,
      blamed: 'store',
      invariant: 'check',
      message,
    });
  });

  it.each([['something else'], [false as unknown as string]])('does not guess a class for %j', async (answer) => {
    expect(await callCheck(() => answer, state, LIMIT_MS)).toMatchObject({ kind: 'violated', class: 'unstated' });
  });

  it('cannot tell when it throws', async () => {
    const thrower = (): never => {
      throw new Error('no such file');
    };
    expect(await callCheck(thrower, state, LIMIT_MS)).toEqual({
      kind: 'unknown',
      reason: 'the check threw: no such file',
    });
    expect(await callCheck(async () => thrower(), state, LIMIT_MS)).toMatchObject({ kind: 'unknown' });
  });

  it('cannot tell when it does not answer within its limit', async () => {
    const verdict = await callCheck(() => new Promise<undefined>(() => undefined), state, 20);
    expect(verdict).toEqual({ kind: 'unknown', reason: 'the check was still running at its limit of 0.02 s' });
  });
});
