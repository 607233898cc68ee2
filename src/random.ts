/** Random choices that one printed number repeats. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export interface Random {
  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number;
}

/** Largest seed, so that one fits what the generator takes. */
export const SEED_LIMIT = 2 ** 31 - 1;

/**
 * @param seed 0 to SEED_LIMIT
 * @param stream which of the many independent sequences of this seed, such as the number of a group: what one of them
 *   is asked for changes no other
 */
export function randomFrom(seed: number, stream = 0): Random {
  // Neighbouring seeds and streams must not give neighbouring sequences: mixed as in MurmurHash3's finaliser.
  const generator = xoroshiro128plus(mix(mix(seed) ^ stream));
  return { below: (bound) => uniformInt(generator, 0, bound - 1) };
}

function mix(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
