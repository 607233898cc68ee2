import type { LogIndex } from '../dmlog/log-index.ts';
import type { CrashState, Survivor } from './crash-state.ts';
import { ioErrorBefore } from './io-error.ts';

/** What a disk must be capable of to hold what a log allows; the words of findings. */
export type LogAssumption = 'cache' | 'torn-512' | 'torn-4096' | 'lying-flush' | 'io-error';
/** The same of a crash state. */
export type DiskAssumption = LogAssumption | 'bit-rot';

const LARGE_BLOCK_BYTES = 4096;

/**
 * The weakest one: a disk that rots, lies or fails may be honest in all else, but that is what must be said. Rot comes before all,
 * since it excuses what nothing else does.
 */
export function assumptionOf(index: LogIndex, state: CrashState): DiskAssumption {
  return state.flip ? 'bit-rot' : logAssumptionOf(index, state);
}

/** The same without regard to a flipped bit, which stands in no log. */
export function logAssumptionOf(index: LogIndex, state: CrashState): LogAssumption {
  const { lyingFrom, survivors = [] } = state;
  if (ioErrorBefore(index, state) !== undefined) return 'io-error';
  if (lyingFrom !== undefined) return 'lying-flush';
  const torn = survivors.filter(({ sectors }) => sectors !== undefined);
  if (torn.length === 0) return 'cache';
  return torn.every((survivor) => isCutAtLargeBlocks(index, survivor)) ? 'torn-4096' : 'torn-512';
}

function isCutAtLargeBlocks(index: LogIndex, { entry, sectors }: Survivor): boolean {
  const start = index.sectors[entry]!;
  const end = index.sectorCounts[entry]!;
  const isEdge = (sector: number): boolean =>
    sector === 0 || sector === end || ((start + sector) * index.sectorBytes) % LARGE_BLOCK_BYTES === 0;
  return sectors!.every(({ first, last }) => isEdge(first) && isEdge(last + 1));
}
