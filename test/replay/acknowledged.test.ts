import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crashPoints } from '../../src/dmlog/barrier.ts';
import { newEntry, type NewLogEntry } from '../../src/dmlog/new-entry.ts';
import {
  acknowledgedCount,
  crashEnd,
  isReady,
  readAcknowledgements,
  windowEnd,
  type Acknowledgements,
} from '../../src/replay/acknowledged.ts';
import { parseCrashState } from '../../src/replay/state-id.ts';
import { markKind } from '../../src/stores/mark-kind.ts';
import { anyEntries } from '../dmlog/any-entries.ts';
import { indexOf, sectors } from '../support/log-file.ts';

const write = newEntry.write(0, sectors('w'));
const fua = newEntry.fua(1, sectors('f'));
const flush = newEntry.flush();
const ack = (id: number): NewLogEntry => newEntry.mark(`ack:${id}`);

const read = (entries: readonly NewLogEntry[]): Acknowledgements => readAcknowledgements(indexOf(entries), markKind);

function counts(entries: readonly NewLogEntry[], states: readonly string[]): number[] {
  const index = indexOf(entries);
  return states.map((id) => acknowledgedCount(index, read(entries), parseCrashState(id)));
}

describe('readAcknowledgements', () => {
  it('keeps the ids in the order of their marks, and nobody else’s marks', () => {
    const entries = ['start:7f', 'ack:b', 'mine', 'ack:a', 'ack:a', 'end:7f', 'dm-log-writes-end'].map(newEntry.mark);
    expect(read(entries)).toEqual({
      entries: [1, 3, 4],
      events: [1, 3, 4],
      ids: ['b', 'a', 'a'],
      readyEntry: undefined,
    });
  });

  it('takes the first ready for the promise', () => {
    expect(read([write, newEntry.mark('ready'), ack(0), newEntry.mark('ready')])).toMatchObject({
      readyEntry: 1,
      entries: [2],
    });
  });
});

describe('acknowledgedCount', () => {
  it.each<[string, NewLogEntry[], string[], number[]]>([
    [
      'counts up to the next barrier, not up to the crash point',
      [write, ack(0), flush, ack(1), write, flush, ack(2)],
      ['base', 'p2', 'p5'],
      [1, 2, 3],
    ],
    [
      'does not count the mark behind the next barrier',
      [write, flush, write, flush, ack(0)],
      ['base', 'p1', 'p3'],
      [0, 0, 1],
    ],
    [
      'ends the window at a FUA write too',
      [fua, ack(0), fua, ack(1), flush, ack(2)],
      ['base', 'p0', 'p2', 'p4'],
      [0, 1, 2, 3],
    ],
    ['ends the window at an empty flush', [flush, flush, ack(0)], ['base', 'p0', 'p1'], [0, 0, 1]],
    ['counts everything behind the last barrier', [flush, ack(0), write, ack(1)], ['p0'], [2]],
    ['counts everything in a log without barriers', [ack(0), write, ack(1)], ['base'], [2]],
  ])('%s', (_, entries, states, expected) => {
    expect(counts(entries, states)).toEqual(expected);
  });

  it('holds a store that acknowledges before it syncs to what it said', () => {
    // The write of operation 0 is behind its acknowledgement: on the base disk it is missing, and ack:0 counts.
    expect(counts([ack(0), write, flush], ['base'])).toEqual([1]);
  });

  it('is what a search from the start finds, and never falls from one state to the next', () => {
    const marked = anyEntries(512).map((entries) =>
      entries.flatMap((entry, i) => (i % 3 === 0 ? [ack(i), entry] : [entry])),
    );
    fc.assert(
      fc.property(marked, (entries) => {
        const index = indexOf(entries);
        const acknowledgements = read(entries);
        let before = 0;
        for (const point of [undefined, ...crashPoints(index)]) {
          const state = parseCrashState(point === undefined ? 'base' : `p${point}`);
          const end = windowEnd(index, state);
          const plainly = entries.filter((entry, at) => at < end && entry.mark?.startsWith('ack:')).length;
          expect(acknowledgedCount(index, acknowledgements, state)).toBe(plainly);
          expect(plainly).toBeGreaterThanOrEqual(before);
          before = plainly;
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('on a lying disk', () => {
  const entries = [ack(0), write, flush, ack(1), fua, ack(2), flush];

  it('what counts ends at the lie, and what had happened at the crash', () => {
    const ends = (id: string): number[] => {
      const state = parseCrashState(id);
      return [windowEnd, crashEnd].map((end) => end(indexOf(entries), state));
    };
    expect(['p2', 'p4', 'p2~2', 'p4~2', 'p4~2+1'].map(ends)).toEqual([
      [4, 4],
      [6, 6],
      [2, 4],
      [2, 6],
      [2, 6],
    ]);
    expect(counts(entries, ['p4', 'p4~2'])).toEqual([3, 1]);
  });
});

describe('isReady', () => {
  const readyAt = (entries: readonly NewLogEntry[], states: readonly string[]): boolean[] => {
    const index = indexOf(entries);
    return states.map((id) => isReady(index, read(entries), parseCrashState(id)));
  };

  it('is true from the first state in whose window the mark stands', () => {
    const entries = [write, flush, write, newEntry.mark('ready'), flush, write, flush];
    expect(readyAt(entries, ['base', 'p1', 'p4', 'p6'])).toEqual([false, true, true, true]);
  });

  it('is true from the start for a workload that never says it', () => {
    expect(readyAt([write, flush], ['base', 'p1'])).toEqual([true, true]);
  });
});
