import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../src/report/events.ts';
import { advance, describeProgress, IDLE } from '../../src/report/progress.ts';
import { LOST } from './canned-events.ts';

const start = (distinct: number): RunEvent => ({
  type: 'replay-start',
  filesystem: 'xfs',
  strategies: ['each-barrier'],
  seed: 1,
  runner: 'r',
  workers: 1,
  planned: distinct,
  distinct,
  skipped: 0,
  notes: [],
});
const stateEnd: RunEvent = {
  type: 'state-end',
  state: 'p1',
  acked: 0,
  verdict: { kind: 'ok' },
  deduplicatedStates: 0,
};

describe('progress', () => {
  it('says nothing while nothing is under way', () => {
    expect(describeProgress(IDLE, 0)).toBeUndefined();
    for (const event of [stateEnd, { type: 'finding', finding: LOST }, { type: 'record-phase', phase: 'x' }] as const) {
      expect(advance(IDLE, event, 0)).toEqual(IDLE);
    }
  });

  it('guesses no rate before the first state', () => {
    expect(describeProgress(advance(IDLE, start(10), 1000), 3500)).toBe(
      'replaying xfs: 0/10 states (0%), 2.5 s, 0 findings',
    );
  });

  it('reckons rate and time left from all states so far', () => {
    let progress = advance(IDLE, start(10), 1000);
    for (let index = 0; index < 4; index++) progress = advance(progress, stateEnd, 1000);
    expect(describeProgress(progress, 3000)).toBe('replaying xfs: 4/10 states (40%), 2.0/s, 3.0 s left, 0 findings');
  });

  it('can be told of a plan without states, and of a clock that stands', () => {
    const empty = advance(IDLE, start(0), 5);
    expect(describeProgress(empty, 5)).toBe('replaying xfs: 0/0 states (100%), 0 ms, 0 findings');
    expect(describeProgress(advance(empty, stateEnd, 5), 5)).not.toMatch(/NaN|Infinity/);
  });
});
