import { parseDurability } from '../../src/stores/durability.ts';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { OpenRequest, TriedState } from '../../src/engine/requests.ts';
import { StepError, UnavailableError } from '../../src/errors.ts';
import { tryStates, type TryStatesRequest } from '../../src/pipeline/try-states.ts';
import type { PlannedSpace, PlannedState } from '../../src/replay/plan.ts';
import type { Coverage } from '../../src/replay/exploration.ts';
import { entryIndex } from '../../src/units.ts';
import { indexOf, sectors } from '../support/log-file.ts';
import { engineLost, FakeRunner } from './fake-runner.ts';

const OPEN: OpenRequest = {
  folder: '/r',
  baseExtents: [],
  recordingId: 'r',
  filesystem: 'ext4',
  mountOptions: [],
  sectorBytes: 512,
  recoverTimeoutMs: 1000,
  checkTimeoutMs: 1000,
  fsck: false,
  reuseVerdicts: true,
  fastForward: 'off',
  scratchDisk: 'loop',
  durability: parseDurability([]),
  repeatRecovery: false,
  cwd: '/',
  env: {},
};

const plan = (count: number): PlannedState[] =>
  Array.from({ length: count }, (_, order) => ({
    kind: 'state' as const,
    order,
    state: `p${order}`,
    anchor: order,
    ackCount: 0,
    twins: 0,
  }));

interface Outcome {
  readonly results: Map<string, TriedState>;
  readonly opened: string[];
  readonly failure: unknown;
}

async function run(runner: FakeRunner, count: number, wish: Partial<TryStatesRequest> = {}): Promise<Outcome> {
  const results = new Map<string, TriedState>();
  const opened: string[] = [];
  const request: TryStatesRequest = {
    runner,
    open: OPEN,
    index: indexOf([]),
    items: plan(count),
    workers: 1,
    goOn: () => true,
    onOpened: ({ tracing }) => opened.push(tracing),
    onTried: ({ state }, tried) => {
      expect(results.has(state)).toBe(false);
      results.set(state, tried);
    },
    duringRecovery: 0,
    onRecoveryOwed: () => expect.unreachable(),
    onRecoveryPlanned: () => expect.unreachable(),
    onSpaceEnd: () => expect.unreachable(),
    signal: new AbortController().signal,
    ...wish,
  };
  let failure: unknown;
  await tryStates(request).catch((error: unknown) => (failure = error));
  return { results, opened, failure };
}

const reasons = ({ results }: Outcome): (string | undefined)[] =>
  [...results.values()].map(({ verdict }) => (verdict.kind === 'unknown' ? verdict.reason : undefined));

/** Resolves never; the engine has to be ended. */
const forever = (): Promise<void> => new Promise(() => undefined);

describe('tryStates', () => {
  it.each([1, 2, 5])(
    'tries every state once on %i engines, ascending on each, and closes them all',
    async (workers) => {
      const runner = new FakeRunner();
      const outcome = await run(runner, 100, { workers });
      expect(outcome.failure).toBeUndefined();
      expect([...outcome.results.keys()].toSorted()).toEqual(
        plan(100)
          .map(({ state }) => state)
          .toSorted(),
      );
      expect(runner.started).toBe(workers);
      for (const asked of runner.asked) {
        const orders = asked.map((state) => Number(state.slice(1)));
        expect(orders).toEqual(orders.toSorted((left, right) => left - right));
      }
      expect(outcome.opened).toEqual(Array.from({ length: workers }, () => 'nothing'));
      expect(runner.open.size).toBe(0);
    },
  );

  it('starts no engine for an empty plan', async () => {
    const runner = new FakeRunner();
    expect((await run(runner, 0)).failure).toBeUndefined();
    expect(runner.started).toBe(0);
  });

  it('loses one state to an engine that dies, says why, and goes on with a new one', async () => {
    const runner = new FakeRunner({
      try: (state) => {
        if (state === 'p3') throw engineLost();
      },
    });
    const outcome = await run(runner, 10);
    expect(outcome.failure).toBeUndefined();
    expect(outcome.results.size).toBe(10);
    expect(outcome.results.get('p3')).toMatchObject({
      verdict: { kind: 'unknown', reason: 'the engine died\nOops: 0002' },
      filesystemVerdict: { kind: 'ok' },
    });
    expect(reasons(outcome).filter(Boolean)).toHaveLength(1);
    expect(runner.started).toBe(2);
    expect(runner.asked[1]![0]).toBe('p4');
  });

  it('replaces an engine that leaves after its answer, which is no death and loses no state', async () => {
    const runner = new FakeRunner({ leaveAfter: () => true });
    const outcome = await run(runner, 10);
    expect(outcome.failure).toBeUndefined();
    expect(reasons(outcome)).toEqual(plan(10).map(() => undefined));
    expect(runner.asked).toEqual(plan(10).map(({ state }) => [state]));
    expect(runner.open.size).toBe(0);
  });

  it.each([
    [1, [false]],
    [2, [true, true]],
  ])('tells %i engines whether they share their kernel', async (workers, shares) => {
    const runner = new FakeRunner();
    await run(runner, 10, { workers });
    expect(runner.sharesKernel).toEqual(shares);
  });

  it('ends the run after three deaths in a row', async () => {
    const runner = new FakeRunner({
      try: (state) => {
        if (Number(state.slice(1)) >= 5) throw engineLost();
      },
    });
    const outcome = await run(runner, 100);
    expect(outcome.failure).toMatchObject({ code: 'engine-lost' });
    expect([...outcome.results.keys()]).toEqual(['p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6']);
    expect(runner.started).toBe(3);
  });

  it('counts deaths anew after a state that went well', async () => {
    const runner = new FakeRunner({
      try: (state) => {
        if (Number(state.slice(1)) % 3 !== 0) throw engineLost();
      },
    });
    const outcome = await run(runner, 30);
    expect(outcome.failure).toBeUndefined();
    expect(reasons(outcome).filter(Boolean)).toHaveLength(20);
  });

  it('counts an engine that dies while it starts', async () => {
    const runner = new FakeRunner({
      start: () => {
        throw engineLost();
      },
    });
    const outcome = await run(runner, 10);
    expect(outcome.failure).toMatchObject({ code: 'engine-lost' });
    expect(runner.started).toBe(3);
  });

  it.each<[string, Error]>([
    ['no engine can be had', new UnavailableError('no loop devices')],
    ['a step fails', new StepError('no-loop', 'no free loop device')],
  ])('ends the run at once when %s', async (_, error) => {
    const runner = new FakeRunner({
      start: () => {
        throw error;
      },
    });
    expect((await run(runner, 10)).failure).toBe(error);
    expect(runner.started).toBe(1);
  });

  it('leaves no engine open that could not open the recording', async () => {
    const error = new StepError('bad-log', 'write log /r/log: ...');
    const runner = new FakeRunner({
      open: () => {
        throw error;
      },
    });
    const outcome = await run(runner, 10, { workers: 2 });
    expect(outcome.failure).toBe(error);
    expect(outcome.results.size).toBe(0);
    expect(runner.open.size).toBe(0);
  });

  it('stops the other engines, and waits until they are closed, when one ends the run', async () => {
    const error = new StepError('engine-failed', 'TypeError');
    const runner = new FakeRunner({
      try: async (state, engine) => {
        if (state === 'p0') throw error;
        if (engine === 1) await forever();
      },
    });
    const outcome = await run(runner, 1000, { workers: 3 });
    expect(outcome.failure).toBe(error);
    expect(runner.open.size).toBe(0);
    const known = outcome.results.size;
    for (let i = 0; i < 20; i += 1) await turn();
    expect(outcome.results.size).toBe(known);
    expect(known).toBeLessThan(1000);
  });

  it('starts no further state when it is not to go on', async () => {
    const runner = new FakeRunner();
    const { results, failure } = await run(runner, 100, { goOn: () => runner.asked.flat().length < 7 });
    expect(failure).toBeUndefined();
    expect(results.size).toBe(7);
    expect(runner.open.size).toBe(0);
  });

  it('stops when it is interrupted: the state that was being tried is no verdict', async () => {
    const controller = new AbortController();
    const runner = new FakeRunner({
      try: (state) => {
        if (state !== 'p4') return;
        controller.abort(new Error('interrupted'));
        return forever();
      },
    });
    const { results, failure } = await run(runner, 100, { signal: controller.signal });
    expect(failure).toBeUndefined();
    expect([...results.keys()]).toEqual(['p0', 'p1', 'p2', 'p3']);
    expect(runner.open.size).toBe(0);
  });

  it('tries nothing with an engine that started while it was interrupted', async () => {
    const controller = new AbortController();
    const runner = new FakeRunner({ start: () => controller.abort(new Error('interrupted')) });
    const { results, failure } = await run(runner, 100, { signal: controller.signal });
    expect({ failure, states: results.size, asked: runner.asked }).toEqual({
      failure: undefined,
      states: 0,
      asked: [[]],
    });
    expect(runner.open.size).toBe(0);
  });

  it('starts nothing when it was interrupted before', async () => {
    const runner = new FakeRunner();
    await run(runner, 100, { signal: AbortSignal.abort() });
    expect(runner.started).toBe(0);
  });
});

describe('a space', () => {
  const index = indexOf([
    { flags: 0, sector: 0, data: sectors('a') },
    { flags: 0, sector: 8, data: sectors('b') },
  ]);
  const space: PlannedSpace = {
    kind: 'space',
    order: 0,
    anchor: undefined,
    ackCount: 0,
    strategy: 'in-flight',
    seed: 1,
    expectedRuns: 4,
    space: {
      anchor: undefined,
      atoms: [0, 1].map((entry) => ({ entry: entryIndex(entry), offsetBytes: 0, lengthBytes: 512 })),
    },
    first: () => [0n, 1n, 2n, 3n],
    sample: false,
    limit: 4,
    doubtful: 0n,
  };
  const unknown = { kind: 'unknown', reason: 'it hung' } as const;

  it.each<[string, Partial<TriedState>, bigint]>([
    ['is settled by one run that read nothing', {}, 4n],
    ['has nothing settled by what could not be judged', { verdict: unknown }, 0n],
    ['has nothing settled by what fsck could not judge', { filesystemVerdict: unknown }, 0n],
  ])('%s', async (_, answer, settled) => {
    const ends: Coverage[] = [];
    const runner = new FakeRunner({ answer: () => ({ reads: [], ...answer }) });
    const onSpaceEnd = (_ended: PlannedSpace, coverage: Coverage): void => void ends.push(coverage);
    await run(runner, 0, { items: [space], index, onSpaceEnd });
    expect(ends).toEqual([{ states: 4n, settled, skipped: 0n, runs: settled > 0n ? 1 : 4 }]);
  });
});
