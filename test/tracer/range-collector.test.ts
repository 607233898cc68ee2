import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Extent } from '../../src/host/sys/file.ts';
import { mergeExtents, RangeCollector } from '../../src/tracer/range-collector.ts';

const SPACE = 200;
const anyExtents: fc.Arbitrary<Extent[]> = fc.array(
  fc.record({ offsetBytes: fc.nat(SPACE), lengthBytes: fc.oneof(fc.nat(3), fc.nat(60)) }),
  { maxLength: 20 },
);

const covered = (extents: readonly Extent[]): boolean[] => {
  const bytes = Array.from({ length: 2 * SPACE }, () => false);
  for (const { offsetBytes, lengthBytes } of extents) bytes.fill(true, offsetBytes, offsetBytes + lengthBytes);
  return bytes;
};

describe('mergeExtents', () => {
  it('covers the same bytes, sorted, with a gap between any two', () => {
    fc.assert(
      fc.property(anyExtents, (extents) => {
        const merged = mergeExtents(extents);
        expect(covered(merged)).toEqual(covered(extents));
        for (const [i, { offsetBytes, lengthBytes }] of merged.entries()) {
          expect(lengthBytes).toBeGreaterThan(0);
          const next = merged[i + 1];
          if (next) expect(next.offsetBytes).toBeGreaterThan(offsetBytes + lengthBytes);
        }
      }),
    );
  });

  it('leaves what it was given as it was', () => {
    const given = [
      { offsetBytes: 8, lengthBytes: 8 },
      { offsetBytes: 0, lengthBytes: 8 },
    ];
    const copy = structuredClone(given);
    expect(mergeExtents(given)).toEqual([{ offsetBytes: 0, lengthBytes: 16 }]);
    expect(given).toEqual(copy);
  });
});

describe('RangeCollector', () => {
  it('gives the merged ranges and the sum of what came, overlaps counted twice', () => {
    fc.assert(
      fc.property(anyExtents, (extents) => {
        const collector = new RangeCollector();
        for (const { offsetBytes, lengthBytes } of extents) collector.add(offsetBytes, lengthBytes);
        expect(collector.ranges()).toEqual({
          extents: mergeExtents(extents),
          requestedBytes: extents.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0),
        });
      }),
    );
  });
});
