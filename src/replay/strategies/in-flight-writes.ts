import { isFlush } from '../../dmlog/entry-role.ts';
import type { Epoch } from '../../dmlog/epoch.ts';
import type { LogIndex } from '../../dmlog/log-index.ts';
import { wholeWrites } from '../atom.ts';
import type { CrashSpace } from '../crash-space.ts';

/**
 * The power cut before an epoch's flush completes: any of its group may be on the disk. The write half of a flush with
 * data, which foreign logs have, opens the group and is taken to be there: without it the state could not be told from
 * one before that flush.
 */
export function inFlightWrites(index: LogIndex, { groupFirst, groupEnd }: Epoch): CrashSpace {
  const first = groupFirst < groupEnd && isFlush(index.flags[groupFirst]!) ? groupFirst + 1 : groupFirst;
  return { anchor: first === 0 ? undefined : first - 1, atoms: wholeWrites(index, first, groupEnd) };
}
