import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDiscard } from '../../src/dmlog/entry-role.ts';
import { newEntry, type NewLogEntry } from '../../src/dmlog/new-entry.ts';
import type { CrashState } from '../../src/replay/crash-state.ts';
import { overlayOf } from '../../src/replay/overlay.ts';
import { parseCrashState } from '../../src/replay/state-id.ts';
import { entryIndex } from '../../src/units.ts';
import { sectors } from '../support/log-file.ts';
import { anyLog, diskOf, makeLog, overlaid, type MadeLog } from './any-log.ts';
import { everyState, SETTINGS } from './every-state.ts';

function expectSame(log: MadeLog, state: CrashState, anchor = state.crashPoint): void {
  const overlay = overlayOf(log.index, new Map(), state, anchor);
  expect(overlaid(log, anchor, overlay).equals(diskOf(log, state))).toBe(true);
}

/** Keeps some of the discards up to the crash point, which no strategy does yet. */
function keeping(log: MadeLog, state: CrashState, choice: number): CrashState {
  const { crashPoint = -1, lyingFrom } = state;
  const kept: number[] = [];
  for (let entry = 0; entry <= crashPoint; entry++) {
    if (isDiscard(log.index.flags[entry]!) && (choice >> kept.length) % 2 === 1) kept.push(entry);
  }
  return kept.length > 0 && lyingFrom === undefined ? { ...state, keptDiscards: kept.map(entryIndex) } : state;
}

describe('the overlay of a crash state', () => {
  it('flips the bit of what is there at last', () => {
    const log = makeLog([newEntry.write(0, sectors('a')), newEntry.flush(), newEntry.write(0, sectors('b'))]);
    const { patches } = overlayOf(log.index, new Map(), parseCrashState('p1+2%7.5'), 1);
    expect(patches.at(-1)).toEqual({ offsetBytes: 7, lengthBytes: 1, source: { flipBit: 5 } });
    expectSame(log, parseCrashState('p1+2%7.5'));
    expectSame(log, parseCrashState('p1%7.0'), entryIndex(0));
  });

  it.each(SETTINGS)('makes the disk that one entry after the other makes: %s', (_, strategy, value) => {
    const same = fc.property(anyLog, fc.nat(31), fc.nat(20), (entries, choice, back) => {
      const log = makeLog(entries);
      let number = 0;
      for (const state of everyState(strategy, value, log.index)) {
        if (number++ > 60) break;
        expectSame(log, state);
        expectSame(log, keeping(log, state, choice));
        const anchor = (state.crashPoint ?? -1) - back;
        expectSame(log, keeping(log, state, choice), anchor < 0 ? undefined : entryIndex(anchor));
      }
    });
    fc.assert(same, { numRuns: 60 });
  });

  it.each<[string, NewLogEntry[], string]>([
    [
      'a kept discard beneath a write that reaches further, beneath one there',
      [newEntry.discard(0, 2), newEntry.write(1, sectors('b', 2)), newEntry.write(2, sectors('c')), newEntry.flush()],
      'p3=0',
    ],
    [
      'a lost write beneath FUA writes',
      [
        newEntry.write(0, sectors('a', 2)),
        newEntry.flush(),
        newEntry.fua(1, sectors('b', 2)),
        newEntry.fua(2, sectors('c')),
      ],
      'p3~1',
    ],
  ])('puts back whatever it covers: %s', (_, entries, state) => expectSame(makeLog(entries), parseCrashState(state)));
});
