import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WorkQueue } from '../../src/pipeline/work-queue.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('WorkQueue', () => {
  it('hands out every item once, ascending for each worker, whoever asks when', () => {
    const anyAsks = fc.array(fc.nat(4), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 5 }), anyAsks, (count, workers, asks) => {
        const queue = new WorkQueue(numbers(count), workers);
        const taken: number[][] = Array.from({ length: workers }, () => []);
        for (const asker of asks) taken[asker % workers]!.push(...queue.take());
        for (let run = queue.take(); run.length > 0; run = queue.take()) taken[0]!.push(...run);
        for (const each of taken) expect(each).toEqual(each.toSorted((left, right) => left - right));
        expect(taken.flat().toSorted((left, right) => left - right)).toEqual(numbers(count));
      }),
    );
  });

  it('hands out neighbours, in runs that never grow and end with single items', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 8 }), (count, workers) => {
        const queue = new WorkQueue(numbers(count), workers);
        const lengths: number[] = [];
        for (let run = queue.take(); run.length > 0; run = queue.take()) {
          expect(run.at(-1)! - run[0]!).toBe(run.length - 1);
          lengths.push(run.length);
        }
        expect(lengths).toEqual(lengths.toSorted((left, right) => right - left));
        expect(lengths.at(-1)).toBe(1);
        expect(Math.max(...lengths)).toBeLessThanOrEqual(64);
      }),
    );
  });

  it('gives each worker something as long as there is enough', () => {
    const queue = new WorkQueue(numbers(6), 6);
    expect(numbers(6).map(() => queue.take().length)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('has nothing in an empty plan, however often it is asked', () => {
    const queue = new WorkQueue([], 3);
    expect([queue.take(), queue.take()]).toEqual([[], []]);
  });
});
