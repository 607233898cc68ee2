import { describe, expect, it } from 'vitest';
import { Scope, withScope } from '../../src/host/scope.ts';

describe('Scope', () => {
  it('lets go in reverse order and waits for each', async () => {
    const scope = new Scope();
    const released: string[] = [];
    scope.add('loop', () => void released.push('loop'));
    scope.add('mount', async () => {
      await Promise.resolve();
      released.push('mount');
    });
    scope.add('process', () => void released.push('process'));
    expect(await scope.release()).toEqual([]);
    expect(released).toEqual(['process', 'mount', 'loop']);
  });

  it('lets go of the others when one fails, and names that one', async () => {
    const scope = new Scope();
    const released: string[] = [];
    scope.add('first', () => void released.push('first'));
    scope.add('loop device loop3', () => {
      throw new Error('EBUSY');
    });
    scope.add('mount /m', () => Promise.reject(new Error('EPERM')));
    scope.add('last', () => void released.push('last'));
    expect(await scope.release()).toEqual([
      'could not release mount /m: EPERM',
      'could not release loop device loop3: EBUSY',
    ]);
    expect(released).toEqual(['last', 'first']);
  });

  it('is safe to release twice, also at the same time', async () => {
    const scope = new Scope();
    let count = 0;
    for (const what of ['a', 'b']) scope.add(what, () => Promise.resolve().then(() => void count++));
    await Promise.all([scope.release(), scope.release()]);
    await scope.release();
    expect(count).toBe(2);
  });

  it('lets go of what was added while it let go', async () => {
    const scope = new Scope();
    const released: string[] = [];
    scope.add('outer', () => scope.add('inner', () => void released.push('inner')));
    await scope.release();
    expect(released).toEqual(['inner']);
  });
});

describe('withScope', () => {
  it('gives the result when everything was let go of', async () => {
    const released: string[] = [];
    const result = await withScope((scope) => {
      scope.add('a', () => void released.push('a'));
      return Promise.resolve(7);
    });
    expect({ result, released }).toEqual({ result: 7, released: ['a'] });
  });

  it('lets go on failure too, and the failure is what is told', async () => {
    const released: string[] = [];
    const failing = withScope((scope) => {
      scope.add('b', () => Promise.reject(new Error('not this one')));
      scope.add('a', () => void released.push('a'));
      return Promise.reject(new Error('the body failed'));
    });
    await expect(failing).rejects.toThrow('the body failed');
    expect(released).toEqual(['a']);
  });

  it('fails when something could not be let go of', async () => {
    const leaving = withScope((scope) => {
      scope.add('mount /m', () => Promise.reject(new Error('EBUSY')));
      return Promise.resolve(7);
    });
    await expect(leaving).rejects.toThrow('could not release mount /m: EBUSY');
  });
});
