import { describe, expect, it } from 'vitest';
import { newEntry } from '../../src/dmlog/new-entry.ts';
import { wholeWrites } from '../../src/replay/atom.ts';
import { doubtfulAtoms, isDoubtful } from '../../src/replay/doubtful.ts';
import { parseCrashState } from '../../src/replay/state-id.ts';
import { indexOf, sectors } from '../support/log-file.ts';

/** A FUA write and two plain ones, of which the log does not tell the order; a flush; then something else. */
const index = indexOf([
  newEntry.fua(0, sectors('a')),
  newEntry.write(5, sectors('b')),
  newEntry.write(0, sectors('c', 2)),
  newEntry.flush(),
  newEntry.write(0, sectors('d')),
  newEntry.flush(),
]);
const DOUBT = { sector: 0, first: 2, end: 4 };
const settlement = { doubts: [DOUBT], doubtfulSectors: [DOUBT] };
const doubtful = (id: string): boolean => isDoubtful(index, settlement, parseCrashState(id));

describe('isDoubtful', () => {
  it('knows where a doubt begins and ends, and never doubts the base', () => {
    const ids = ['base', 'p0', 'p1', 'p2', 'p3', 'p4', 'p5'];
    expect(ids.filter(doubtful)).toEqual(['p2', 'p3']);
  });

  it('doubts a survivor that nobody can place, and no other', () => {
    expect(doubtful('p0+2')).toBe(true);
    expect(doubtful('p0+1')).toBe(false);
    expect(doubtful('p0+1-2')).toBe(true);
  });

  it('doubts what is made of a doubtful disk', () => {
    expect(doubtful('p5~3')).toBe(true);
  });

  it('doubts a disk without the write, or the discard, that would have hidden the doubtful sector', () => {
    expect(doubtful('p5~5')).toBe(true);
    const discarded = indexOf([
      newEntry.fua(0, sectors('a')),
      newEntry.write(5, sectors('b')),
      newEntry.write(0, sectors('c', 2)),
      newEntry.flush(),
      newEntry.discard(0, 1),
      newEntry.flush(),
      newEntry.write(9, sectors('e')),
      newEntry.flush(),
    ]);
    expect(isDoubtful(discarded, settlement, parseCrashState('p5=4'))).toBe(true);
    expect(isDoubtful(discarded, settlement, parseCrashState('p5'))).toBe(false);
    expect(isDoubtful(discarded, settlement, parseCrashState('p7~7'))).toBe(false);
  });

  it('names the writes in question', () => {
    expect(doubtfulAtoms(index, settlement, wholeWrites(index, 1, 3))).toBe(0b10n);
    expect(doubtfulAtoms(index, { doubts: [], doubtfulSectors: [] }, wholeWrites(index, 1, 3))).toBe(0n);
  });
});
