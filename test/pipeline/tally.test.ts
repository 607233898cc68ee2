import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/checks/verdict.ts';
import type { TriedState } from '../../src/engine/requests.ts';
import type { ReplayOptions } from '../../src/pipeline/options.ts';
import { Tally } from '../../src/pipeline/tally.ts';
import type { CrashPlan, PlannedState } from '../../src/replay/plan.ts';
import type { RunEvent } from '../../src/report/events.ts';
import { verdictOfRun } from '../../src/report/report.ts';
import { indexOf } from '../support/log-file.ts';
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
  kind: 'state',
  order,
  state: `p${order}`,
  anchor: order,
  ackCount: order,
  twins,
});
const verdicts = (verdict: Verdict, filesystemVerdict: Verdict = OK): TriedState => ({
  ...tried('p0'),
  verdict,
  filesystemVerdict,
});
const planOf = (distinct: number, rest: Partial<CrashPlan> = {}): CrashPlan => ({
  items: Array.from({ length: distinct }, (_, order) => planned(order)),
  planned: distinct,
  beforeReady: 0,
  skipped: 0,
  ...rest,
});

function makeTally(wish: Partial<ReplayOptions> = {}, manifest = MANIFEST): { tally: Tally; events: RunEvent[] } {
  const events: RunEvent[] = [];
  const recording = { folder: '/home/me/store/.powercut/recordings/a', manifest };
  return {
    tally: new Tally(recording, indexOf([]), { ...REPLAY_OPTIONS, ...wish }, (event) => events.push(event)),
    events,
  };
}

describe('a power cut during recovery', () => {
  const states = [4, 6].map((entry) => ({ state: `p1:p${entry}`, twins: 0 }));

  it('is counted, told apart, and held to what was acknowledged before the first cut', () => {
    const { tally, events } = makeTally({ duringRecovery: 1 });
    tally.add(planned(1), verdicts(OK));
    tally.oweRecovery();
    tally.planRecovery(planned(1), { states, planned: 5, skipped: 1 });
    tally.add({ ...planned(2), state: 'p1:p4' }, verdicts(OK));
    tally.add({ ...planned(3), state: 'p1:p6' }, verdicts(LOST));
    const run = tally.report(planOf(1), 1000);
    expect(run.states).toMatchObject({ planned: 6, distinct: 3, tested: 3, deduplicated: 2, skipped: 1, violated: 1 });
    expect(run.duringRecovery).toEqual({ depth: 1, recoveries: 1, planned: 5, distinct: 2, tested: 2 });
    expect(run.strategies).toEqual(['each-barrier', 'during-recovery=1']);
    expect(run.findings).toEqual([
      expect.objectContaining({
        state: 'p1:p6',
        assumption: 'cache',
        message: 'the power went again during recovery: acked 3, found 2',
      }),
    ]);
    expect(events).toContainEqual({ type: 'recovery-planned', state: 'p1', states: 2 });
  });

  it('that was not looked into makes the run incomplete', () => {
    const { tally } = makeTally({ duringRecovery: 1 });
    tally.add(planned(1), verdicts(OK));
    expect(verdictOfRun(tally.report(planOf(1), 1000))).toBe('ok');
    tally.oweRecovery();
    expect(verdictOfRun(tally.report(planOf(1), 1000))).toBe('unknown');
  });

  it('is unknown where the recovery cannot be recorded', () => {
    const { tally } = makeTally({ duringRecovery: 1 });
    tally.add(planned(1), verdicts(OK));
    tally.oweRecovery();
    tally.planRecovery(planned(1), { states: [], planned: 0, skipped: 0, failure: 'no room' });
    const run = tally.report(planOf(1), 1000);
    expect(run.states).toMatchObject({ planned: 2, distinct: 2, tested: 2, unknown: 1 });
    expect(run.unknowns).toEqual([{ state: 'p1', states: 1, reason: 'its recovery could not be recorded: no room' }]);
  });
});

describe('Tally', () => {
  it('certifies each finding, when it shows and in the report', () => {
    const { tally, events } = makeTally();
    tally.add(planned(4), verdicts(LOST));
    tally.add(planned(2), verdicts(LOST));
    const [shown] = events.flatMap((event) => (event.type === 'finding' ? [event.finding] : []));
    const [reported] = tally.report(planOf(5), 500).findings;
    expect([shown!.certificate?.state, reported!.certificate?.state]).toEqual(['p4', 'p2']);
    expect(reported!.certificate?.log).toEqual({ recording: MANIFEST.id, sha256: MANIFEST.sha256.log, entries: 0 });
  });

  it('holds of a rotten disk what is no wrong value, and certifies nothing of it', () => {
    const { tally, events } = makeTally();
    const rotten = (order: number): PlannedState => ({ ...planned(order), state: `p9%${order}.0` });
    const CORRUPT: Verdict = { ...(LOST as Extract<Verdict, { kind: 'violated' }>), class: 'corrupt' };
    tally.add(rotten(0), verdicts(LOST));
    tally.add(rotten(1), verdicts(UNMOUNTABLE, UNMOUNTABLE));
    tally.add(rotten(2), verdicts(OK, FSCK));
    tally.add(rotten(3), verdicts(CORRUPT, FSCK));
    tally.add(rotten(4), verdicts(unknown('the check exited with 9'), FSCK));
    const { states, findings } = tally.report(planOf(5), 500);
    expect(states).toMatchObject({ tested: 5, violated: 1, unknown: 1 });
    expect(findings).toMatchObject([{ class: 'corrupt', assumption: 'bit-rot', state: 'p9%3.0', lastGood: 'p9%2.0' }]);
    expect(findings[0]).not.toHaveProperty('certificate');
    expect(events.filter(({ type }) => type === 'finding')).toHaveLength(1);
    expect(tally.excuse).toBe(
      'held all the same, since bit rot excuses it: lost in 1, unmountable in 1, fsck in 3 of 5 states',
    );
    expect(makeTally().tally.excuse).toBeUndefined();
  });

  it('says what the file system and its options make verdicts assume', () => {
    const { filesystem } = MANIFEST;
    const { tally } = makeTally({}, { ...MANIFEST, filesystem: { ...filesystem, mountOptions: ['barrier=0'] } });
    expect(tally.report(planOf(1), 1).assumptions).toEqual([expect.stringMatching(/^barrier=0: /)]);
    expect(makeTally().tally.report(planOf(1), 1)).not.toHaveProperty('assumptions');
  });

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
      recording: { id: MANIFEST.id, kernel: MANIFEST.kernel, entries: 2, flushes: 1, fuas: 0, marks: 0 },
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
