import { describe, expect, it } from 'vitest';
import { barriersOff } from '../../src/filesystems/barriers-off.ts';

describe('barriersOff', () => {
  it.each([[[]], [['data=journal']], [['barrier=1']], [['barrier=0', 'barrier']], [['nobarrier', 'barrier=1']]])(
    'assumes nothing with %j',
    (options) => {
      expect(barriersOff(options)).toEqual([]);
    },
  );

  it.each([
    [['barrier=0'], 'barrier=0'],
    [['data=journal', 'nobarrier', 'commit=1'], 'nobarrier'],
    [['barrier=1', 'barrier=0'], 'barrier=0'],
  ])('names the option that counts in %j', (options, option) => {
    const [assumption, ...others] = barriersOff(options);
    expect(assumption).toMatch(new RegExp(`^${option}: an fsync sends no flush`));
    expect(others).toEqual([]);
  });
});
