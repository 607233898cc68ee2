/**
 * Device fault: a bit of what had long been durable reads back the other way round (bit rot). One flip a state, in a byte
 * that belongs to a file of the store, on the disk at the last barrier of the log, where all that was acknowledged is
 * durable. The store may refuse or repair such a disk, or come back with less; a wrong value it must never return.
 *
 * The flips are spread evenly over all bytes of the files; which bit of each share it is, the run's seed decides. A byte
 * that the file system's own recovery writes is not flipped: the flip would be gone before anyone reads it.
 *
 * Not covered: more than one flip; the file system's own blocks; bytes of a file without blocks of its own on the disk (in
 * an inode, compressed, shared); what the store had on the disk only before the last barrier.
 */
import type { Extent } from '../../host/sys/file.ts';
import type { FlippedBit } from '../crash-state.ts';
import { oneState, type Strategy } from './strategy.ts';

const FLIPS = 32;
const FLIPS_MAX = 1_000_000;
const BITS = 8;

export const bitFlip: Strategy = {
  name: 'bit-flip',
  summary: "n single bits flipped in durable blocks of the store's files (device fault, default: 32)",
  value: {
    name: 'n',
    otherwise: () => FLIPS,
    obstacle: (value) =>
      value >= 1 && value <= FLIPS_MAX ? undefined : `expected a number of flips, 1 to ${FLIPS_MAX}`,
  },
  needsFiles: true,
  *propose({ value, random, files }) {
    if (!files) return;
    const bits = files.extents.reduce((sum, { lengthBytes }) => sum + lengthBytes * BITS, 0);
    const flips = Math.min(value, bits);
    const dice = random(0);
    const place = placesIn(files.extents);
    for (let share = 0; share < flips; share++) {
      const first = Math.floor((bits * share) / flips);
      const end = Math.floor((bits * (share + 1)) / flips);
      yield oneState({ crashPoint: files.crashPoint, flip: place(first + dice.below(end - first)) });
    }
  },
};

/** Asked for ascending bits of the files, counted through all extents, it says where on the device they are. */
function placesIn(extents: readonly Extent[]): (bit: number) => FlippedBit {
  let current = 0;
  let before = 0;
  return (bit) => {
    const byte = Math.floor(bit / BITS);
    while (byte - before >= extents[current]!.lengthBytes) before += extents[current++]!.lengthBytes;
    return { byte: extents[current]!.offsetBytes + byte - before, bit: bit % BITS };
  };
}
