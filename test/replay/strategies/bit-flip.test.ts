import { describe, expect, it } from 'vitest';
import { newEntry } from '../../../src/dmlog/new-entry.ts';
import type { Extent } from '../../../src/host/sys/file.ts';
import { randomFrom } from '../../../src/random.ts';
import type { FlippedBit } from '../../../src/replay/crash-state.ts';
import { bitFlip } from '../../../src/replay/strategies/bit-flip.ts';
import { entryIndex } from '../../../src/units.ts';
import { indexOf, sectors } from '../../support/log-file.ts';

const index = indexOf([newEntry.write(0, sectors('a')), newEntry.flush()]);

function flips(value: number, extents: readonly Extent[], seed = 1): FlippedBit[] {
  const files = { crashPoint: entryIndex(1), extents };
  const proposals = [...bitFlip.propose({ index, value, files, random: (stream) => randomFrom(seed, stream) })];
  return proposals.map((proposal) => {
    if (proposal.kind !== 'state') return expect.unreachable();
    expect(proposal.state).toEqual({ crashPoint: 1, flip: expect.anything() as FlippedBit });
    return proposal.state.flip!;
  });
}

const at = (offsetBytes: number, lengthBytes: number): Extent => ({ offsetBytes, lengthBytes });

describe('bit-flip', () => {
  it('proposes nothing where it is not told of files, and nothing where they have no bytes', () => {
    expect([...bitFlip.propose({ index, value: 5, random: (stream) => randomFrom(1, stream) })]).toEqual([]);
    expect(flips(5, [])).toEqual([]);
  });

  it('flips bits of files only, in each share one', () => {
    const found = flips(8, [at(1000, 3000), at(8000, 1000)]);
    const inFiles = found.map(({ byte }) => (byte < 4000 ? byte - 1000 : byte - 8000 + 3000));
    expect(inFiles.map((byte) => Math.floor(byte / 500))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(found.every(({ byte }) => (byte >= 1000 && byte < 4000) || (byte >= 8000 && byte < 9000))).toBe(true);
    expect(new Set(flips(64, [at(0, 4096)]).map(({ bit }) => bit)).size).toBe(8);
  });

  it('follows from the seed', () => {
    const extents = [at(0, 100_000)];
    expect(flips(4, extents, 7)).toEqual(flips(4, extents, 7));
    expect(flips(4, extents, 7)).not.toEqual(flips(4, extents, 8));
  });

  it('flips every bit once when there are no more', () => {
    const all = [10, 11, 20].flatMap((byte) => Array.from({ length: 8 }, (_, bit) => ({ byte, bit })));
    expect(flips(24, [at(10, 2), at(20, 1)])).toEqual(all);
    expect(flips(1000, [at(10, 2), at(20, 1)])).toEqual(all);
  });

  it('wants to know how many', () => {
    const { otherwise, obstacle } = bitFlip.value!;
    expect(otherwise(512)).toBe(32);
    expect([0, 1, 1_000_000, 1_000_001].map((value) => obstacle(value) === undefined)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});
