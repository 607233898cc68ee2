import { describe, expect, it } from 'vitest';
import { outside } from '../../src/engine/file-places.ts';

const at = (offsetBytes: number, lengthBytes: number) => ({ offsetBytes, lengthBytes });

describe('blocks outside of what was written', () => {
  it('share no byte with it', () => {
    const blocks = [at(0, 10), at(10, 10), at(20, 10), at(50, 10), at(100, 1)];
    expect(outside(blocks, [])).toEqual(blocks);
    expect(outside(blocks, [at(10, 10)])).toEqual([at(0, 10), at(20, 10), at(50, 10), at(100, 1)]);
    expect(outside(blocks, [at(9, 12), at(59, 1), at(60, 40)])).toEqual([at(100, 1)]);
    expect(outside(blocks, [at(0, 1000)])).toEqual([]);
  });
});
