import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/checks/verdict.ts';
import type { TriedState } from '../../src/engine/requests.ts';
import { Tally } from '../../src/pipeline/tally.ts';
import type { CrashPlan, PlannedState } from '../../src/replay/plan.ts';
import type { RunEvent } from '../../src/report/events.ts';
import { verdictOfRun } from '../../src/report/report.ts';
import { tried } from './fake-runner.ts';
import { MANIFEST, REPLAY_OPTIONS } from './made-recording.ts';

const OK: Verdict = { kind: 'ok' };
const LOST: Verdict = {
  kind: 'violated',
  class: 'lost',
  blamed: 'store',
  invariant: 'check',
  message: 'acked 3, found 2',
};
const FSCK: Verdict = {
  kind: 'violated',
  class: 'fsck',
  blamed: 'filesystem',
  invariant: 'fsck-clean',
  message: 'exit 4',
};
const UNMOUNTABLE: Verdict = { ...FSCK, class: 'unmountable', invariant: 'mounts', message: 'EUCLEAN' };
const unknown = (reason: string): Verdict => ({ kind: 'unknown', reason });

const planned = (order: number, twins = 0): PlannedState => ({
  order,
  state: `p${order}`,
  crashPoint: order,
  ackCount: order,
  twins,
});
const verdicts = (verdict: Verdict, filesystemVerdict: Verdict = OK): TriedState => ({
  ...tried('p0'),
  verdict,
  filesystemVerdict,
});
const planOf = (distinct: number, rest: Partial<CrashPlan> = {}): CrashPlan => ({
  states: Array.from({ length: distinct }, (_, order) => planned(order)),
  planned: distinct,
  beforeReady: 0,
  skipped: 0,
  ...rest,
});

function makeTally(): { tally: Tally; events: RunEvent[] } {
  const events: RunEvent[] = [];
  const recording = { folder: '/home/me/store/.powercut/recordings/a', manifest: MANIFEST };
  return { tally: new Tally(recording, REPLAY_OPTIONS, (event) => events.push(event)), events };
}

describe('Tally', () => {
  it('adds up what states come to, in whatever order', () => {
    const { tally } = makeTally();
    tally.add(planned(4), verdicts(LOST));
    tally.add(planned(0), verdicts(OK));
    tally.add(planned(2), verdicts(unknown('the check exited with 9')));
    tally.add(planned(3), { ...verdicts(LOST), reused: true });
    tally.add(planned(1), verdicts(OK, FSCK));
    const { states, findings, unknowns, recording, filesystem, strategies } = tally.report(
      planOf(8, { planned: 12, skipped: 1 }),
      500,
    );
    expect(states).toEqual({
      planned: 12,
      distinct: 8,
      tested: 5,
      deduplicated: 3,
      reused: 1,
      skipped: 1,
      violated: 3,
      unknown: 1,
    });
    expect(findings.map(({ state, states: count, acked, lastGood }) => ({ state, count, acked, lastGood }))).toEqual([
      { state: 'p1', count: 1, acked: 1, lastGood: 'p0' },
      { state: 'p3', count: 2, acked: 3, lastGood: 'p0' },
    ]);
    expect(tally.findingCount).toBe(2);
    expect(unknowns).toEqual([{ reason: 'the check exited with 9', state: 'p2', states: 1 }]);
    expect({ recording, filesystem, strategies }).toEqual({
      recording: { id: MANIFEST.id, entries: 2, flushes: 1, fuas: 0, marks: 0 },
      filesystem: 'ext4:data=ordered',
      strategies: ['each-barrier'],
    });
  });

  it('tells each state as it comes, and each finding with its first state', () => {
    const { tally, events } = makeTally();
    tally.add(planned(1, 2), verdicts(LOST));
    tally.add(planned(0), verdicts(LOST));
    expect(events.map(({ type }) => type)).toEqual(['state-end', 'finding', 'state-end']);
    expect(events[0]).toEqual({ type: 'state-end', state: 'p1', acked: 1, verdict: LOST, deduplicatedStates: 2 });
    expect(events[1]).toMatchObject({
      finding: { class: 'lost', assumption: 'cache', reproduce: expect.stringContaining('--state p1') as string },
    });
  });

  it('keeps the store’s and the file system’s verdicts apart, and the worse is the state’s', () => {
    const { tally, events } = makeTally();
    tally.add(planned(0), verdicts(LOST, FSCK));
    tally.add(planned(1), verdicts(unknown('?'), FSCK));
    const { states, findings, unknowns } = tally.report(planOf(2), 1);
    expect(states).toMatchObject({ violated: 2, unknown: 0 });
    expect(findings.map((finding) => [finding.class, finding.blamed, finding.states])).toEqual([
      ['fsck', 'filesystem', 2],
      ['lost', 'store', 1],
    ]);
    expect(unknowns).toBeUndefined();
    expect(events.filter(({ type }) => type === 'finding')).toHaveLength(2);
  });

  it('counts a disk that does not mount once: there is no verdict on the store', () => {
    const { tally } = makeTally();
    tally.add(planned(0), verdicts(UNMOUNTABLE, UNMOUNTABLE));
    expect(tally.report(planOf(1), 1).findings).toMatchObject([{ class: 'unmountable', states: 1 }]);
  });

  it('does not take a state for good whose file system is not', () => {
    const { tally } = makeTally();
    tally.add(planned(0), verdicts(OK));
    tally.add(planned(1), verdicts(OK, unknown('fsck did not run')));
    tally.add(planned(2), verdicts(LOST));
    expect(tally.report(planOf(3), 1).findings).toMatchObject([{ state: 'p2', lastGood: 'p0' }]);
  });

  it('lists the reasons of unknown states by how common they are, and not all of very many', () => {
    const { tally } = makeTally();
    tally.add(planned(0), verdicts(unknown('rare')));
    for (const order of [1, 2, 3]) tally.add(planned(order), verdicts(unknown('common')));
    for (let order = 4; order < 104; order += 1) tally.add(planned(order), verdicts(unknown(`reason ${order}`)));
    const { states, unknowns = [] } = tally.report(planOf(104), 1);
    expect(states.unknown).toBe(104);
    expect(unknowns).toHaveLength(20);
    expect(unknowns[0]).toEqual({ reason: 'common', state: 'p1', states: 3 });
  });

  it('measures the rate, and does not divide by nothing', () => {
    const { tally } = makeTally();
    for (let order = 0; order < 119; order += 1) tally.add(planned(order), verdicts(OK));
    expect(tally.report(planOf(119), 840.4).timing).toEqual({ recordMs: 2100, replayMs: 840, statesPerSecond: 141.6 });
    expect(makeTally().tally.report(planOf(0), 0).timing).toEqual({ recordMs: 2100, replayMs: 0, statesPerSecond: 0 });
  });

  it('says of a run that tested less than there was that nothing is known', () => {
    const { tally } = makeTally();
    tally.add(planned(0), verdicts(OK));
    expect(verdictOfRun(tally.report(planOf(2), 1))).toBe('unknown');
    expect(verdictOfRun(tally.report(planOf(1), 1))).toBe('ok');
    expect(verdictOfRun(makeTally().tally.report(planOf(0, { planned: 1, skipped: 1 }), 1))).toBe('unknown');
  });
});
