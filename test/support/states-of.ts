import type { LogIndex } from '../../src/dmlog/log-index.ts';
import { randomFrom } from '../../src/random.ts';
import type { CrashState } from '../../src/replay/crash-state.ts';
import { Exploration } from '../../src/replay/exploration.ts';
import type { ChosenStrategy } from '../../src/replay/plan.ts';
import { entryIndex } from '../../src/units.ts';
import type { FileContent } from '../../src/replay/strategies/strategy.ts';
import { crashPoints } from '../../src/dmlog/barrier.ts';

/** Every state that a strategy would have run when no run settles more than itself, in its order. */
export function statesOf({ strategy, value }: ChosenStrategy, index: LogIndex): CrashState[] {
  const states: CrashState[] = [];
  const random = (stream: number): ReturnType<typeof randomFrom> => randomFrom(1, stream);
  for (const proposal of strategy.propose({ index, value, random, files: filesOn(index) })) {
    if (proposal.kind === 'state') {
      states.push(proposal.state);
      continue;
    }
    const exploration = new Exploration(index, { ...proposal, doubtful: 0n }, random(0));
    for (let next = exploration.next(); next; next = exploration.next()) {
      states.push(next);
      exploration.settle(undefined);
    }
  }
  return states;
}

/** As if the store's files were a few bytes in the first and all of the fourth sector of the disk. */
export function filesOn(index: LogIndex): FileContent {
  const last = crashPoints(index).at(-1);
  const extents = [
    { offsetBytes: 40, lengthBytes: 100 },
    { offsetBytes: 3 * index.sectorBytes, lengthBytes: index.sectorBytes },
  ];
  return { crashPoint: last === undefined ? undefined : entryIndex(last), extents };
}
