import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochs, type Epoch } from '../../src/dmlog/epoch.ts';
import { FLAG } from '../../src/dmlog/layout.ts';
import { indexLog } from '../../src/dmlog/log-index.ts';
import { logInMemory } from '../../src/dmlog/log-source.ts';
import { newEntry, type NewLogEntry } from '../../src/dmlog/new-entry.ts';
import { writeLog } from '../../src/dmlog/writer.ts';
import { anyEntries } from './any-entries.ts';
import { sampleLog } from './samples.ts';

const data = Buffer.alloc(512);
/** One letter an entry: w write, d discard, a FUA write, m mark, f flush, F flush with data, A flush and FUA with data, c commit. */
const LETTERS: Record<string, NewLogEntry> = {
  w: newEntry.write(0, data),
  d: newEntry.discard(0, 1),
  a: newEntry.fua(0, data),
  m: newEntry.mark('m'),
  f: newEntry.flush(),
  F: { flags: FLAG.flush, data },
  A: { flags: FLAG.flush | FLAG.fua, data },
  c: { flags: FLAG.flush | FLAG.fua | FLAG.metadata, sector: 7 },
};

function epochsOf(entries: NewLogEntry[]): Epoch[] {
  return [...epochs(indexLog(logInMemory(writeLog(entries, { sectorBytes: 512 }))))];
}

/** `first-end group first-end[ stray]` for each epoch; `~` for one that no flush closes. */
const draw = (letters: string): string[] =>
  epochsOf(letters.split('').map((letter) => LETTERS[letter]!)).map((epoch) => {
    const stray = epoch.strayPlainCount > 0 ? ` stray ${epoch.strayPlainCount}` : '';
    expect(epoch.flush ?? epoch.end).toBe(epoch.end);
    return `${epoch.first}-${epoch.end}${epoch.flush === undefined ? '~' : ''} group ${epoch.groupFirst}-${epoch.groupEnd}${stray}`;
  });

describe('epochs', () => {
  it.each([
    ['nothing', '', []],
    ['as the kernel writes it', 'amwwdfawf', ['0-5 group 2-5', '6-8 group 7-8']],
    ['flushes with nothing between', 'ff', ['0-0 group 0-0', '1-1 group 1-1']],
    ['a commit closes an epoch, its FUA write is in the next', 'wcawf', ['0-1 group 0-1', '2-4 group 3-4']],
    ['an open epoch', 'wfaw', ['0-1 group 0-1', '2-4~ group 3-4']],
    ['an open epoch before the end mark', 'fwwm', ['0-0 group 0-0', '1-4~ group 1-3']],
    ['plain writes apart from the group', 'wawmwf', ['0-5 group 4-5 stray 2']],
    ['a mark between group and flush', 'wwmf', ['0-3 group 0-2']],
    ['FLUSH with data closes one epoch and opens the next', 'wFwf', ['0-1 group 0-1', '1-3 group 1-3']],
    ['FLUSH|FUA with data: the write is no part of the group', 'wAwf', ['0-1 group 0-1', '1-3 group 2-3']],
    ['FLUSH with data first and last', 'F', ['0-0 group 0-0', '0-1~ group 0-1']],
    ['two FLUSHes with data', 'FF', ['0-0 group 0-0', '0-1 group 0-1', '1-2~ group 1-2']],
  ])('%s', (_, letters, expected) => {
    expect(draw(letters)).toEqual(expected);
  });

  it('covers any log without gap, and every group holds only plain entries', () => {
    fc.assert(
      fc.property(anyEntries(512), (entries) => {
        let expectedFirst = 0;
        for (const epoch of epochsOf(entries)) {
          expect(epoch.first).toBe(expectedFirst);
          for (const entry of entries.slice(epoch.groupFirst, epoch.groupEnd)) {
            expect(entry.flags & (FLAG.fua | FLAG.mark)).toBe(0);
          }
          expectedFirst = epoch.flush !== undefined && !entries[epoch.flush]!.data ? epoch.end + 1 : epoch.end;
        }
        expect(expectedFirst).toBe(entries.length);
      }),
    );
  });

  it('reads the group of a captured ext4 commit', () => {
    const all = [...epochs(indexLog(sampleLog('r2-ext4-commit-and-fua-inversion.log')))];
    expect(all.find((epoch) => epoch.flush === 134)).toEqual({
      first: 129,
      flush: 134,
      end: 134,
      groupFirst: 131,
      groupEnd: 134,
      strayPlainCount: 0,
    });
  });
});
