/** Crash states that hold a sector whose content the log does not tell (see inversion.ts): nobody may judge them. */
import type { LogIndex } from '../dmlog/log-index.ts';
import type { Atom } from './atom.ts';
import type { CrashState } from './crash-state.ts';
import { isDoubtfulAt, type SectorDoubt } from './doubts.ts';
import type { Settlement } from './inversion.ts';
import { lostWrites } from './lost-writes.ts';

type Doubtful = Pick<Settlement, 'doubts' | 'doubtfulSectors'>;

/** Rather too many than too few: a state is also left out when a later write of it hides the doubtful sector. */
export function isDoubtful(index: LogIndex, { doubts, doubtfulSectors }: Doubtful, state: CrashState): boolean {
  if (doubts.length === 0) return false;
  if (isDoubtfulAt(doubts, state.crashPoint)) return true;
  // A state that takes writes back holds something of every disk since the first of them, the write that ends a doubt included.
  const [back] = [...(state.keptDiscards ?? []), ...lostWrites(index, state)].sort((a, b) => a - b);
  const point = state.crashPoint ?? -1;
  if (back !== undefined && doubts.some(({ first, end }) => first <= point && back <= end)) return true;
  return (state.survivors ?? []).some(({ entry }) => isDoubtfulWrite(index, doubtfulSectors, entry));
}

/** Bit i: atom i is a write after which a sector's content is unknown. */
export function doubtfulAtoms(index: LogIndex, { doubtfulSectors }: Doubtful, atoms: readonly Atom[]): bigint {
  if (doubtfulSectors.length === 0) return 0n;
  return atoms.reduce(
    (bits, { entry }, i) => (isDoubtfulWrite(index, doubtfulSectors, entry) ? bits | (1n << BigInt(i)) : bits),
    0n,
  );
}

function isDoubtfulWrite({ sectors, sectorCounts }: LogIndex, doubts: readonly SectorDoubt[], entry: number): boolean {
  const start = sectors[entry]!;
  const end = start + sectorCounts[entry]!;
  return doubts.some(
    ({ sector, first, end: known }) => start <= sector && sector < end && first <= entry && entry < known,
  );
}
