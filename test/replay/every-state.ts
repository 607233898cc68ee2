/** All that a strategy proposes, spaces member by member. */
import type { LogIndex } from '../../src/dmlog/log-index.ts';
import { randomFrom } from '../../src/random.ts';
import { stateIn, type CrashSpace } from '../../src/replay/crash-space.ts';
import type { CrashState } from '../../src/replay/crash-state.ts';
import { STRATEGIES } from '../../src/replay/strategies/registry.ts';
import { filesOn } from '../support/states-of.ts';
import type { ProposedSpace, Strategy } from '../../src/replay/strategies/strategy.ts';

/** Up to so many atoms, every subset. */
const ALL_SUBSETS = 10;
/** Beyond, so many of the first, and as many drawn. */
const SOME_SUBSETS = 30;
/** Of a space with so many atoms, a few of each: a single such state takes milliseconds. */
const MANY_ATOMS = 1000;
const FEW_SUBSETS = 4;

const FEW_VALUES: Readonly<Record<string, number[]>> = { 'in-flight': [64], 'bit-flip': [5] };

/** Every strategy with every kind of value that it takes. */
export const SETTINGS: readonly (readonly [text: string, Strategy, number])[] = Object.entries(STRATEGIES).flatMap(
  ([name, strategy]: [string, Strategy]) => {
    const candidates = FEW_VALUES[name] ?? [0, 50, 512, 4096];
    const values = candidates.filter((value) => strategy.value?.obstacle(value) === undefined);
    return (strategy.value ? values : [0]).map((value) => [`${name}=${value}`, strategy, value] as const);
  },
);

/** Those whose states a log alone proves: a flipped bit stands in none. */
export const PROVABLE = SETTINGS.filter(([, strategy]) => !strategy.needsFiles);

export function* everyState(strategy: Strategy, value: number, index: LogIndex, seed = 1): Generator<CrashState> {
  const random = (stream: number): ReturnType<typeof randomFrom> => randomFrom(seed, stream);
  for (const proposal of strategy.propose({ index, value, random, files: filesOn(index) })) {
    if (proposal.kind === 'state') yield proposal.state;
    else for (const subset of subsetsOf(proposal, seed)) yield stateIn(index, proposal.space, subset);
  }
}

export function spacesOf(strategy: Strategy, value: number, index: LogIndex): CrashSpace[] {
  const proposals = [...strategy.propose({ index, value, random: (stream) => randomFrom(1, stream) })];
  return proposals.flatMap((proposal) => (proposal.kind === 'space' ? [proposal.space] : []));
}

/** Every subset of so many things. */
export const subsets = (count: number): bigint[] => Array.from({ length: 2 ** count }, (_, i) => BigInt(i));

function* subsetsOf({ space, first }: ProposedSpace, seed: number): Generator<bigint> {
  const { length } = space.atoms;
  if (length <= ALL_SUBSETS) {
    yield* subsets(length);
    return;
  }
  const some = length < MANY_ATOMS ? SOME_SUBSETS : FEW_SUBSETS;
  let taken = 0;
  for (const subset of first()) {
    if (taken++ === some) break;
    yield subset;
  }
  const dice = randomFrom(seed, length);
  for (let drawn = 0; drawn < some; drawn++) {
    yield space.atoms.reduce((subset, _, i) => (dice.below(2) === 1 ? subset | (1n << BigInt(i)) : subset), 0n);
  }
}
