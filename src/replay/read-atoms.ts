/**
 * Which of the writes that a power cut decides about did a run depend on? Those whose presence or absence changes a byte
 * that was read. Two states that agree on them have the same verdict, whatever else they hold: mount, recovery and check
 * read the same bytes, so they do the same.
 *
 * Everything that was read counts, also what had been overwritten before, and what the kernel only read ahead. That makes
 * the set larger than need be, never smaller.
 */
import type { Extent } from '../host/sys/file.ts';
import type { Atom } from './atom.ts';

/**
 * @param present which atoms the run's disk held, bit by bit
 * @param reads everything that was read of the device, sorted, apart from each other; undefined: nobody knows
 * @returns the atoms that the run depended on
 */
export function readAtoms(atoms: readonly Atom[], present: bigint, reads: readonly Extent[] | undefined): bigint {
  if (!reads) return (1n << BigInt(atoms.length)) - 1n;
  let visible: readonly Extent[] = reads;
  let depended = 0n;
  // From the top: what lies beneath a write that is there could not be seen.
  for (let i = atoms.length - 1; i >= 0; i--) {
    const atom = atoms[i]!;
    if (!visible.some((extent) => overlap(extent, atom))) continue;
    const bit = 1n << BigInt(i);
    depended |= bit;
    if ((present & bit) !== 0n) visible = visible.flatMap((extent) => uncovered(extent, atom));
  }
  return depended;
}

const endOf = ({ offsetBytes, lengthBytes }: Extent): number => offsetBytes + lengthBytes;

const overlap = (left: Extent, right: Extent): boolean =>
  left.offsetBytes < endOf(right) && right.offsetBytes < endOf(left);

function uncovered(extent: Extent, cover: Extent): Extent[] {
  if (!overlap(extent, cover)) return [extent];
  const parts: Extent[] = [];
  const { offsetBytes } = extent;
  if (offsetBytes < cover.offsetBytes) parts.push({ offsetBytes, lengthBytes: cover.offsetBytes - offsetBytes });
  if (endOf(cover) < endOf(extent)) {
    parts.push({ offsetBytes: endOf(cover), lengthBytes: endOf(extent) - endOf(cover) });
  }
  return parts;
}
