/**
 * All the disks that one power cut can leave: the disk at its last barrier, and any of the writes that were on their way.
 */
import type { LogIndex } from '../dmlog/log-index.ts';
import { isMark } from '../dmlog/entry-role.ts';
import { entryIndex } from '../units.ts';
import { survivorsOf, type Atom } from './atom.ts';
import { atEntry, type CrashState, type Survivor } from './crash-state.ts';

export interface CrashSpace {
  /** The last entry that is on the disk for sure; undefined: the base image. */
  readonly anchor: number | undefined;
  /** What the cut decides about, in log order. Every subset is legal. */
  readonly atoms: readonly Atom[];
}

/** The crash state of a subset, in its canonical form. @param subset bit i: atom i is on the disk */
export function stateIn(index: LogIndex, { anchor, atoms }: CrashSpace, subset: bigint): CrashState {
  // As text: to shift a number of ten thousand bits by each of them would take a hundred million steps.
  const bits = subset.toString(2);
  const present = atoms.filter((_, i) => bits[bits.length - 1 - i] === '1');
  return advance(index, anchor, survivorsOf(index, present));
}

/** A survivor that comes right behind the crash point is as good as part of the prefix. */
function advance(index: LogIndex, anchor: number | undefined, survivors: Survivor[]): CrashState {
  let point = anchor;
  let taken = 0;
  for (let entry = (anchor ?? -1) + 1; entry < index.entryCount; entry++) {
    if (isMark(index.flags[entry]!) || index.sectorCounts[entry] === 0) continue;
    const next = survivors[taken];
    if (next?.entry !== entry || next.sectors) break;
    point = entry;
    taken++;
  }
  const rest = survivors
    .slice(taken)
    .map(({ entry, sectors }) => ({ entry: entryIndex(entry), ...(sectors && { sectors }) }));
  return { ...atEntry(point), ...(rest.length > 0 && { survivors: rest }) };
}
