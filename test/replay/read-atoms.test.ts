import fc from 'fast-check';
import { expect, it, describe } from 'vitest';
import type { Atom } from '../../src/replay/atom.ts';
import { readAtoms } from '../../src/replay/read-atoms.ts';
import { entryIndex } from '../../src/units.ts';
import { subsets } from './every-state.ts';

const DISK_BYTES = 16;

const anyExtent = fc
  .tuple(fc.nat(DISK_BYTES - 1), fc.integer({ min: 1, max: 6 }))
  .map(([offsetBytes, length]) => ({ offsetBytes, lengthBytes: Math.min(length, DISK_BYTES - offsetBytes) }));
const anyAtoms: fc.Arbitrary<Atom[]> = fc
  .array(anyExtent, { maxLength: 6 })
  .map((extents) => extents.map((extent, i) => ({ entry: entryIndex(i), ...extent })));
/** Sorted and apart from each other, as a tracer says it. */
const anyReads = fc
  .uniqueArray(fc.nat(DISK_BYTES - 1), { maxLength: 8 })
  .map((bytes) => bytes.sort((a, b) => a - b).map((offsetBytes) => ({ offsetBytes, lengthBytes: 1 })));

/** Each byte says who wrote it last; 0: nobody. */
function seen(atoms: readonly Atom[], subset: bigint, reads: readonly { offsetBytes: number }[]): number[] {
  const disk = Array.from<number>({ length: DISK_BYTES }).fill(0);
  atoms.forEach(({ offsetBytes, lengthBytes }, i) => {
    if ((subset >> BigInt(i)) & 1n) disk.fill(i + 1, offsetBytes, offsetBytes + lengthBytes);
  });
  return reads.map(({ offsetBytes }) => disk[offsetBytes]!);
}

describe('the atoms that a run depended on', () => {
  it('decide every byte that it read', () => {
    const decide = fc.property(anyAtoms, anyReads, fc.nat(63), (atoms, reads, choice) => {
      const present = BigInt(choice) & ((1n << BigInt(atoms.length)) - 1n);
      const depended = readAtoms(atoms, present, reads);
      for (const other of subsets(atoms.length)) {
        if ((other & depended) !== (present & depended)) continue;
        expect(seen(atoms, other, reads)).toEqual(seen(atoms, present, reads));
      }
    });
    fc.assert(decide, { numRuns: 500 });
  });

  it('are no more than need be: without any one of them a byte could be another', () => {
    const needed = fc.property(anyAtoms, anyReads, fc.nat(63), (atoms, reads, choice) => {
      const present = BigInt(choice) & ((1n << BigInt(atoms.length)) - 1n);
      const depended = readAtoms(atoms, present, reads);
      for (let i = 0; i < atoms.length; i++) {
        const bit = 1n << BigInt(i);
        if ((depended & bit) === 0n) continue;
        expect(seen(atoms, present ^ bit, reads)).not.toEqual(seen(atoms, present, reads));
      }
    });
    fc.assert(needed, { numRuns: 500 });
  });

  it('are all of them when nobody knows what was read', () => {
    const atoms = [0, 4, 8].map((offsetBytes, i) => ({ entry: entryIndex(i), offsetBytes, lengthBytes: 4 }));
    expect(readAtoms(atoms, 0n, undefined)).toBe(7n);
    expect(readAtoms(atoms, 0n, [])).toBe(0n);
  });
});
