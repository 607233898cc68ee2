/**
 * Goes through a crash space: hands out one state after the other, is told what each run read, and knows how much of the
 * space is settled by that. First come the states that its strategy finds most telling, then, if it wants them, others
 * drawn from what is still open.
 */
import type { LogIndex } from '../dmlog/log-index.ts';
import type { Extent } from '../host/sys/file.ts';
import type { Random } from '../random.ts';
import { stateIn, type CrashSpace } from './crash-space.ts';
import type { CrashState } from './crash-state.ts';
import { readAtoms } from './read-atoms.ts';
import { SubsetSpace } from './subset-space.ts';

export interface ExplorationPlan {
  readonly space: CrashSpace;
  /** Subsets to try first, in this order. */
  readonly first: () => Iterable<bigint>;
  /** After these, draw others until the space is settled or the limit is reached. */
  readonly sample: boolean;
  /** The most states that are run. */
  readonly limit: number;
  /** Subsets with any of these atoms hold a block whose content nobody knows; they are skipped. `all`: so does every one. */
  readonly doubtful: bigint | 'all';
}

/** Numbers of states may exceed what a `number` holds. */
export interface Coverage {
  /** All legal states of the space. */
  readonly states: bigint;
  /** Whose verdict is known. */
  readonly settled: bigint;
  /** Left out since the log does not tell a block's content. */
  readonly skipped: bigint;
  /** How many states were run for that. */
  readonly runs: number;
}

/** Beyond it, only what is run counts as settled: exact book-keeping would cost more than it is worth. */
const EXACT_ATOMS = 1024;

export class Exploration {
  readonly #index: LogIndex;
  readonly #plan: ExplorationPlan;
  readonly #random: Random;
  readonly #open: SubsetSpace;
  readonly #first: Iterator<bigint>;
  readonly #states: bigint;
  readonly #skipped: bigint;
  #current: bigint | undefined;
  #runs = 0;
  #unjudged = 0n;

  constructor(index: LogIndex, plan: ExplorationPlan, random: Random) {
    this.#index = index;
    this.#plan = plan;
    this.#random = random;
    this.#first = plan.first()[Symbol.iterator]();
    this.#open = new SubsetSpace(plan.space.atoms.length);
    this.#states = this.#open.size;
    if (plan.doubtful === 'all') this.#open.settle({ fixed: 0n, inside: 0n });
    else for (const atom of bitsOf(plan.doubtful)) this.#open.settle({ fixed: atom, inside: atom });
    this.#skipped = this.#states - this.#open.size;
  }

  get coverage(): Coverage {
    const settled = this.#states - this.#skipped - this.#open.size - this.#unjudged;
    return { states: this.#states, settled, skipped: this.#skipped, runs: this.#runs };
  }

  /** The next state to run; undefined when all is settled, or as much as was asked for. */
  next(): CrashState | undefined {
    this.#current = this.#runs < this.#plan.limit ? (this.#nextOfFirst() ?? this.#draw()) : undefined;
    if (this.#current === undefined) return undefined;
    this.#runs++;
    return stateIn(this.#index, this.#plan.space, this.#current);
  }

  /** @param reads everything that was read of the disk while the last state was run; undefined: nobody knows */
  settle(reads: readonly Extent[] | undefined): void {
    const inside = this.#take();
    const { atoms } = this.#plan.space;
    const fixed = readAtoms(atoms, inside, atoms.length <= EXACT_ATOMS ? reads : undefined);
    this.#open.settle({ fixed, inside: inside & fixed });
    // Where the book-keeping is no longer exact, not even this one need have been in what was just taken out.
    this.#open.settle({ fixed: this.#all, inside });
  }

  /** The last state could not be judged: it is not tried again, and settles nothing. */
  giveUp(): void {
    const inside = this.#take();
    this.#open.settle({ fixed: this.#all, inside });
    this.#unjudged++;
  }

  get #all(): bigint {
    return (1n << BigInt(this.#plan.space.atoms.length)) - 1n;
  }

  #take(): bigint {
    if (this.#current === undefined) throw new Error('no state is being run');
    const current = this.#current;
    this.#current = undefined;
    return current;
  }

  #nextOfFirst(): bigint | undefined {
    for (let next = this.#first.next(); !next.done; next = this.#first.next()) {
      if (this.#open.has(next.value)) return next.value;
    }
    return undefined;
  }

  #draw(): bigint | undefined {
    return this.#plan.sample ? this.#open.pick(() => this.#random.below(2) === 1) : undefined;
  }
}

function* bitsOf(bits: bigint): Generator<bigint> {
  for (let rest = bits; rest !== 0n; rest &= rest - 1n) yield rest & -rest;
}
