import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDoubtfulAt, mergeDoubts } from '../../src/replay/doubts.ts';

const anyDoubts = fc.array(
  fc.tuple(fc.nat(40), fc.integer({ min: 1, max: 12 })).map(([first, length]) => ({ first, end: first + length })),
);
const crashPoints = Array.from({ length: 60 }, (_, point) => point);

describe('isDoubtfulAt', () => {
  it('knows where a doubt begins and ends, and never doubts the base', () => {
    const doubts = mergeDoubts([{ first: 3, end: 5 }]);
    const points = [undefined, 0, 2, 3, 4, 5, 6];
    expect(points.filter((point) => isDoubtfulAt(doubts, point))).toEqual([3, 4]);
    expect(isDoubtfulAt([], 3)).toBe(false);
  });

  it('says what looking at every doubt would say', () => {
    fc.assert(
      fc.property(anyDoubts, (doubts) => {
        const merged = mergeDoubts(doubts);
        const plainly = (point: number): boolean => doubts.some(({ first, end }) => first <= point && point < end);
        expect(crashPoints.filter((point) => isDoubtfulAt(merged, point))).toEqual(crashPoints.filter(plainly));
      }),
    );
  });
});

describe('mergeDoubts', () => {
  it('leaves them in order and apart', () => {
    fc.assert(
      fc.property(anyDoubts, (doubts) => {
        const merged = mergeDoubts(doubts);
        merged.slice(1).forEach(({ first }, i) => expect(first).toBeGreaterThan(merged[i]!.end));
      }),
    );
  });
});
