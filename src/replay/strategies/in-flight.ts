/**
 * Rule: before a flush completes, any subset of the writes that it covers may be on the disk, whatever order they were
 * submitted in. The kernel logs them as one group, right before their flush; what was logged before the group (also the
 * FUA writes of the same epoch) is on the disk.
 *
 * All subsets while they are no more than the limit, or as far as what was read settles them. Else first those that are
 * most telling: none, all, all but one, one alone, the first few, the last few; then others, drawn from the run's seed.
 *
 * A discard promises nothing about what is read afterwards: here it makes zeros, and once, behind its flush, it leaves
 * what was there.
 *
 * Not covered: half of a write (--torn). A write of the group that was on the disk before a FUA write of the same epoch
 * was: whether that can be, the log does not tell, and it is never assumed.
 */
import { isDiscard } from '../../dmlog/entry-role.ts';
import { epochs, type Epoch } from '../../dmlog/epoch.ts';
import type { LogIndex } from '../../dmlog/log-index.ts';
import { entryIndex, type EntryIndex } from '../../units.ts';
import { inFlightWrites } from './in-flight-writes.ts';
import { oneState, type ProposedSpace, type Strategy } from './strategy.ts';

const DEFAULT_LIMIT = 64;

export const inFlight: Strategy = {
  name: 'in-flight',
  summary: 'subsets of the writes that wait for each flush, at most n states a flush',
  value: {
    name: 'n',
    otherwise: () => DEFAULT_LIMIT,
    obstacle: (value) => (Number.isSafeInteger(value) && value >= 1 ? undefined : 'expected a whole number from 1 up'),
  },
  *propose({ index, value }) {
    for (const epoch of epochs(index)) {
      const space = spaceOf(index, epoch, value);
      if (space) yield space;
      const kept = discardsOf(index, epoch);
      if (kept.length > 0 && epoch.flush !== undefined) yield oneState({ crashPoint: epoch.flush, keptDiscards: kept });
    }
  },
};

function spaceOf(index: LogIndex, epoch: Epoch, limit: number): ProposedSpace | undefined {
  const space = inFlightWrites(index, epoch);
  if (space.atoms.length === 0) return undefined;
  return { kind: 'space', space, first: () => tellingSubsets(space.atoms.length), sample: true, limit };
}

function discardsOf(index: LogIndex, { groupFirst, groupEnd }: Epoch): EntryIndex[] {
  const discards: EntryIndex[] = [];
  for (let entry: number = groupFirst; entry < groupEnd; entry++) {
    if (isDiscard(index.flags[entry]!)) discards.push(entryIndex(entry));
  }
  return discards;
}

/** None, all, all but one, one alone, the first few, the last few. Some come twice. */
export function* tellingSubsets(count: number): Generator<bigint> {
  const all = (1n << BigInt(count)) - 1n;
  yield 0n;
  yield all;
  for (let i = 0n; i < count; i++) yield all ^ (1n << i);
  for (let i = 0n; i < count; i++) yield 1n << i;
  for (let length = 1n; length < count; length++) yield (1n << length) - 1n;
  for (let length = 1n; length < count; length++) yield all ^ ((1n << length) - 1n);
}
