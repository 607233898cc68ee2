import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SubsetSpace } from '../../src/replay/subset-space.ts';
import { randomFrom } from '../../src/random.ts';
import { subsets } from './every-state.ts';

/** A cube fixes some things: `inside` is among `fixed`. */
const anyCubes = (things: number): fc.Arbitrary<{ fixed: bigint; inside: bigint }[]> => {
  const bits = fc.bigInt(0n, (1n << BigInt(things)) - 1n);
  const cube = fc.tuple(bits, bits).map(([fixed, inside]) => ({ fixed, inside: inside & fixed }));
  const single = bits.map((inside) => ({ fixed: (1n << BigInt(things)) - 1n, inside }));
  return fc.array(fc.oneof(cube, single), { maxLength: 12 });
};
const anySpace = fc.nat(8).chain((things) => fc.record({ things: fc.constant(things), cubes: anyCubes(things) }));

describe('a subset space', () => {
  it('holds what brute force says is left, after every step', () => {
    const same = fc.property(anySpace, ({ things, cubes }) => {
      const space = new SubsetSpace(things);
      let left = subsets(things);
      expect(space.size).toBe(BigInt(left.length));
      for (const cube of cubes) {
        space.settle(cube);
        left = left.filter((subset) => (subset & cube.fixed) !== cube.inside);
        expect(space.size).toBe(BigInt(left.length));
        expect(subsets(things).filter((subset) => space.has(subset))).toEqual(left);
      }
    });
    fc.assert(same, { numRuns: 300 });
  });

  it('picks only what is left, reaches all of it, and then knows that it is empty', () => {
    const reaches = fc.property(anySpace, fc.nat(1000), ({ things, cubes }, seed) => {
      const space = new SubsetSpace(things);
      for (const cube of cubes) space.settle(cube);
      const left = subsets(things).filter((subset) => space.has(subset));
      const dice = randomFrom(seed);
      const picked: bigint[] = [];
      for (let next = space.pick(() => dice.below(2) === 1); next !== undefined;) {
        picked.push(next);
        space.settle({ fixed: (1n << BigInt(things)) - 1n, inside: next });
        next = space.pick(() => dice.below(2) === 1);
      }
      expect(picked.sort((a, b) => (a < b ? -1 : 1))).toEqual(left);
      expect(space.size).toBe(0n);
    });
    fc.assert(reaches, { numRuns: 100 });
  });

  it('picks what is left though the choice is always the same', () => {
    const space = new SubsetSpace(3);
    const picked = new Set<bigint>();
    for (let next = space.pick(() => true); next !== undefined; next = space.pick(() => true)) {
      picked.add(next);
      space.settle({ fixed: 7n, inside: next });
    }
    expect(picked.size).toBe(8);
  });

  it('counts what no number holds', () => {
    const space = new SubsetSpace(200);
    space.settle({ fixed: 1n << 150n, inside: 1n << 150n });
    space.settle({ fixed: (1n << 200n) - 1n, inside: 5n });
    expect(space.size).toBe((1n << 199n) - 1n);
  });
});
