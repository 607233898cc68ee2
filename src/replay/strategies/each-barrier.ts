/**
 * Rule: when a flush has completed, everything logged up to it is on the disk; when a FUA write has completed, everything
 * up to it is. So the disk that holds exactly that (a cache lost whole) is always legal, as is the disk before the first
 * entry.
 *
 * Not covered: anything that a real disk keeps of the writes after the barrier. A bug that needs a later write on the disk
 * without an earlier one, or half of a write, does not show here.
 */
import { crashPoints } from '../../dmlog/barrier.ts';
import { atEntry } from '../crash-state.ts';
import { oneState, type Strategy } from './strategy.ts';

export const eachBarrier: Strategy = {
  name: 'each-barrier',
  summary: 'the disk at every FLUSH and FUA barrier, with its cache lost whole',
  *propose({ index }) {
    yield oneState(atEntry(undefined));
    for (const point of crashPoints(index)) yield oneState(atEntry(point));
  },
};
