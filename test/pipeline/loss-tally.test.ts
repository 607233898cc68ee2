import { describe, expect, it } from 'vitest';
import { LossTally } from '../../src/pipeline/loss-tally.ts';
import { parseDurability } from '../../src/stores/durability.ts';

describe('LossTally', () => {
  it('keeps the worst of each class, and names classes that lost nothing', () => {
    const tally = new LossTally(parseDurability(['group:100ms', 'cache=none']));
    tally.add('p3', [{ class: 'default', operations: 1, ms: 40 }]);
    tally.add('p5', [{ class: 'default', operations: 3, ms: 30.04 }]);
    tally.add('p7', []);
    expect(tally.windows()).toEqual([
      { class: 'default', promise: 'group <= 100 ms', operations: 3, ms: 40, state: 'p5' },
      { class: 'cache', promise: 'none', operations: 0 },
    ]);
  });
});
