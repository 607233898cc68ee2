import { describe, expect, it } from 'vitest';
import { FLAG } from '../../src/dmlog/layout.ts';
import { newEntry } from '../../src/dmlog/new-entry.ts';
import { openBarrier, whyIllegal } from '../../src/replay/legal-state.ts';
import { parseCrashState } from '../../src/replay/state-id.ts';
import { sectors } from '../support/log-file.ts';
import { makeLog } from './any-log.ts';

// 0 write, 1 flush, 2 FUA, 3 write of two sectors, 4 discard, 5 flush, 6 write, 7 flush with data, 8 write, 9 flush
const { index } = makeLog([
  newEntry.write(0, sectors('a')),
  newEntry.flush(),
  newEntry.fua(1, sectors('b', 2)),
  newEntry.write(3, sectors('c', 2)),
  newEntry.discard(8, 2),
  newEntry.flush(),
  newEntry.write(6, sectors('d')),
  { flags: FLAG.flush, sector: 10, data: sectors('e') },
  newEntry.write(11, sectors('f')),
  newEntry.flush(),
]);
const why = (state: string): string | undefined => whyIllegal(index, parseCrashState(state));
const barrier = (state: string): number => openBarrier(index, parseCrashState(state));

describe('a crash state is refused', () => {
  it.each([
    ['p10', /not in this log: its last entry is 9/],
    ['p5+10', /not in this log/],
    ['p2+6', /after the barrier at 5/],
    ['p1+3', /after the barrier at 2/],
    ['p5+8', /after the barrier at 7/],
    ['p5+7', /no write that could be on its way/],
    ['p3+0', /on the disk anyway/],
    ['p2+3.2', /has no such sector/],
    ['p2+3.0-1', /are all it has: write 3/],
    ['p3+4.0', /is a discard, which is not done in part/],
    ['p5=3', /entry 3 is no discard/],
    ['p3=4', /entry 4 is no discard up to its crash point/],
    ['p5~5=4', /entry 4 is a discard that the lie has lost already/],
    ['p5~3', /entry 3 is no flush/],
    ['p2~5', /entry 5 is no flush up to its crash point/],
  ])('%s', (state, reason) => expect(why(state)).toMatch(reason));

  it('but not the base of a log without entries', () => {
    expect(whyIllegal(makeLog([]).index, parseCrashState('base'))).toBeUndefined();
  });
});

describe('a flush with data has two halves', () => {
  it('where nothing is missing before it, its flush may be done and its write be on its way', () => {
    expect([why('p6+8'), barrier('p6+8'), barrier('p6')]).toEqual([undefined, 9, 7]);
    expect([why('p5+6,8'), barrier('p5+6,8')]).toEqual([undefined, 9]);
  });
});
