/**
 * Rule: of the writes that wait for a flush any subset may be on the disk, so also those that were logged first; a FUA
 * write is on the disk once it has completed. This is the disk after every single write, as if it had no cache and wrote
 * everything at once and in order.
 *
 * Not covered: a later write without an earlier one (--in-flight), half of a write (--torn).
 */
import { isMark } from '../../dmlog/entry-role.ts';
import { atEntry } from '../crash-state.ts';
import { oneState, type Strategy } from './strategy.ts';

export const eachWrite: Strategy = {
  name: 'each-write',
  summary: 'the disk after every single write, as logged',
  *propose({ index }) {
    yield oneState(atEntry(undefined));
    for (let entry = 0; entry < index.entryCount; entry++) {
      if (!isMark(index.flags[entry]!) && index.sectorCounts[entry]! > 0) yield oneState(atEntry(entry));
    }
  },
};
