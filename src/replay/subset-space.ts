/**
 * All subsets of n things, of which more and more are settled: kept exactly, as cubes that do not overlap. A cube fixes
 * some of the things to be in or out and leaves the others open, so it stands for 2^open subsets.
 *
 * A subset is a number whose bit i says whether thing i is in it.
 */
export interface Cube {
  /** The things that are fixed. */
  readonly fixed: bigint;
  /** Those of them that are in. */
  readonly inside: bigint;
}

/** Beyond so many cubes, what is settled with a state is no longer looked for: it alone is taken out. */
const CUBE_LIMIT = 10_000;
/** A random subset that is settled already is drawn again so often. */
const TRIES = 32;

export class SubsetSpace {
  readonly #things: number;
  readonly #everything: bigint;
  /** What is open but for the single ones. */
  #cubes: Cube[] = [{ fixed: 0n, inside: 0n }];
  /** Subsets within the cubes that are settled alone: a cube less one subset would be as many cubes as there are things. */
  #single = new Set<bigint>();

  /** Nothing is settled. @param things how many there are */
  constructor(things: number) {
    this.#things = things;
    this.#everything = (1n << BigInt(things)) - 1n;
  }

  /** How many subsets are left. */
  get size(): bigint {
    const inCubes = this.#cubes.reduce((sum, { fixed }) => sum + (1n << BigInt(this.#things - bitCount(fixed))), 0n);
    return inCubes - BigInt(this.#single.size);
  }

  has(subset: bigint): boolean {
    return !this.#single.has(subset) && this.#cubes.some(({ fixed, inside }) => (subset & fixed) === inside);
  }

  /** Takes out every subset of the cube that is still here; of very many cubes, at least its subset `inside`. */
  settle(cube: Cube): void {
    const alone = cube.fixed === this.#everything || this.#cubes.length > CUBE_LIMIT;
    if (!alone) this.#cutOut(cube);
    else if (this.has(cube.inside)) this.#single.add(cube.inside);
  }

  /**
   * One that is left, undefined when there is none: of the largest cube, its open things as `choose` says.
   * @param choose whether an open thing is in; asked anew when the answer is settled already
   */
  pick(choose: (thing: number) => boolean): bigint | undefined {
    for (;;) {
      const cube = this.#largest();
      if (!cube) return undefined;
      for (let tried = 0; tried < TRIES; tried++) {
        const subset = this.#fill(cube, choose);
        if (!this.#single.has(subset)) return subset;
      }
      for (const inside of this.#single) this.#cutOut({ fixed: this.#everything, inside });
    }
  }

  #cutOut(cube: Cube): void {
    this.#cubes = this.#cubes.flatMap((each) => without(each, cube));
    for (const single of this.#single) if ((single & cube.fixed) === cube.inside) this.#single.delete(single);
  }

  #fill({ fixed, inside }: Cube, choose: (thing: number) => boolean): bigint {
    let subset = inside;
    for (let thing = 0; thing < this.#things; thing++) {
      const bit = 1n << BigInt(thing);
      if ((fixed & bit) === 0n && choose(thing)) subset |= bit;
    }
    return subset;
  }

  #largest(): Cube | undefined {
    let largest: Cube | undefined;
    let fewest = Infinity;
    for (const cube of this.#cubes) {
      const fixed = bitCount(cube.fixed);
      if (fixed < fewest) [largest, fewest] = [cube, fixed];
    }
    return largest;
  }
}

/** What of the first is not in the second: for each thing that only the second fixes, the part that has it otherwise. */
function without(cube: Cube, taken: Cube): Cube[] {
  if ((cube.fixed & taken.fixed & (cube.inside ^ taken.inside)) !== 0n) return [cube];
  const parts: Cube[] = [];
  let { fixed, inside } = cube;
  for (let open = taken.fixed & ~cube.fixed; open !== 0n; open &= open - 1n) {
    const bit = open & -open;
    fixed |= bit;
    parts.push({ fixed, inside: inside | (bit & ~taken.inside) });
    inside |= bit & taken.inside;
  }
  return parts;
}

function bitCount(bits: bigint): number {
  let count = 0;
  for (let rest = bits; rest !== 0n; rest >>= 32n) {
    let word = Number(rest & 0xffff_ffffn);
    for (; word !== 0; word &= word - 1) count++;
  }
  return count;
}
