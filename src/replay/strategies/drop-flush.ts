/**
 * Device fault, no honest disk does it: a flush is reported done and was not, so what it covered is still in the cache
 * when the power goes. From the lie on, up to the next honest flush, the disk is tried at every barrier: with the cache
 * lost whole, and last with the writes that came after the lie on the disk and those before it gone. FUA writes are
 * taken to be honest.
 *
 * Every flush lies once, and with a probability p (in percent) each next one as well.
 *
 * What the store acknowledged after the lie is gone by the disk's fault and is not asked for. What it had acknowledged
 * before is: more than a sound store can always keep, since it frees the one copy of its data when it is told that the other
 * is safe. What is found tells how far back a lie reaches (docs/strategies.md), not that the store is at fault.
 *
 * Not covered: subsets of what was in the cache.
 */
import { isFlush, isFuaWrite } from '../../dmlog/entry-role.ts';
import { epochs, type Epoch } from '../../dmlog/epoch.ts';
import type { LogIndex } from '../../dmlog/log-index.ts';
import { entryIndex } from '../../units.ts';
import { survivorsOf, wholeWrites } from '../atom.ts';
import type { CrashState } from '../crash-state.ts';
import { oneState, type Proposal, type Strategy } from './strategy.ts';

const PERCENT = 100;

export const dropFlush: Strategy = {
  name: 'drop-flush',
  summary: 'a disk that lies: each flush does nothing, and p percent of the next ones too (device fault)',
  value: {
    name: 'p',
    otherwise: () => 0,
    obstacle: (value) => (value >= 0 && value < PERCENT ? undefined : 'expected a percentage, 0 to 99'),
  },
  *propose({ index, value, random }) {
    // A flush with nothing to write out cannot lie.
    const groups = [...epochs(index)].filter(({ flush }) => flush !== undefined);
    for (const [first, group] of groups.entries()) {
      if (group.groupFirst === group.groupEnd) continue;
      let last = first;
      const dice = random(first);
      while (last + 1 < groups.length && dice.below(PERCENT) < value) last++;
      yield* afterTheLie(index, group.flush!, groups[last]!.flush!, groups[last + 1]);
    }
  },
};

/** @param next the epoch that the first honest flush closes */
function* afterTheLie(index: LogIndex, lie: number, lastLie: number, next: Epoch | undefined): Generator<Proposal> {
  const lying = (entry: number): CrashState => ({ crashPoint: entryIndex(entry), lyingFrom: entryIndex(lie) });
  yield oneState(lying(lastLie));
  const end = next?.end ?? index.entryCount;
  let last = lastLie;
  for (let entry = lastLie + 1; entry < end && !isFlush(index.flags[entry]!); entry++) {
    if (!isFuaWrite(index.flags[entry]!, index.sectorCounts[entry]!)) continue;
    last = entry;
    yield oneState(lying(entry));
  }
  const later = wholeWrites(index, Math.max(next?.groupFirst ?? end, last + 1), next?.groupEnd ?? end);
  if (later.length > 0) yield oneState({ ...lying(last), survivors: survivorsOf(index, later) });
}
