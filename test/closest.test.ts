import { describe, expect, it } from 'vitest';
import { closest, didYouMean } from '../src/closest.ts';

describe('closest', () => {
  it.each([
    ['ex4', 'ext4'],
    ['EXT4', 'ext4'],
    ['brtfs', 'btrfs'],
    ['check', undefined],
    ['zfs', 'xfs'],
    ['reiserfs', undefined],
    ['', undefined],
  ])('takes %j for %j', (word, expected) => {
    const candidates = ['ext4', 'xfs', 'btrfs'];
    expect(closest(word, candidates)).toBe(expected);
  });

  it('allows a third of the letters to be wrong, at least one', () => {
    expect(closest('wrkload', ['workload'])).toBe('workload');
    expect(closest('recoverTimout', ['recoverTimeout', 'checkTimeout'])).toBe('recoverTimeout');
    expect(closest('a', ['b', 'cd'])).toBe('b');
    expect(closest('abc', ['xyz'])).toBeUndefined();
  });

  it('prefers the nearest, and of equals the first', () => {
    expect(closest('checks', ['check', 'checks2', 'checks'])).toBe('checks');
    expect(closest('aab', ['aac', 'aad'])).toBe('aac');
  });

  it('words the guess, or nothing', () => {
    expect(didYouMean('ex4', ['ext4'])).toBe('; did you mean "ext4"?');
    expect(didYouMean('reiserfs', ['ext4'])).toBe('');
  });
});
