import { describe, expect, it } from 'vitest';
import { mkfsArguments } from '../../src/filesystems/mkfs-options.ts';

describe('mkfsArguments', () => {
  it.each([
    [[], [], []],
    [['b=4096'], [], ['-b', '4096']],
    [['b=4096'], ['b=1024', 'b=2048'], ['-b', '2048']],
    [[], ['csum=xxhash', 'M', 'L=a b'], ['--csum', 'xxhash', '-M', '-L', 'a b']],
  ])('makes of %j and %j: %j', (standard, wanted, words) => {
    expect(mkfsArguments(standard, wanted)).toEqual(words);
  });

  it('adds to a list and never names it twice, since most programs heed only the last', () => {
    expect(mkfsArguments(['E=nodiscard', 'b=4096'], ['E=stride=4', 'O=a', 'O=^b'], ['E', 'O'])).toEqual([
      '-E',
      'nodiscard,stride=4',
      '-b',
      '4096',
      '-O',
      'a,^b',
    ]);
  });
});
