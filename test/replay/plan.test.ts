import { readdirSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { crashPoints } from '../../src/dmlog/barrier.ts';
import { dataBytes, dataOffsetBytes, type LogIndex } from '../../src/dmlog/log-index.ts';
import { newEntry, type NewLogEntry } from '../../src/dmlog/new-entry.ts';
import { acknowledgedCount, readAcknowledgements } from '../../src/replay/acknowledged.ts';
import { atEntry } from '../../src/replay/crash-state.ts';
import { parseCrashState } from '../../src/replay/state-id.ts';
import { makePlan, type CrashPlan, type PlannedState } from '../../src/replay/plan.ts';
import { eachBarrier } from '../../src/replay/strategies/each-barrier.ts';
import { inFlight } from '../../src/replay/strategies/in-flight.ts';
import { oneState, type Strategy } from '../../src/replay/strategies/strategy.ts';
import { markKind } from '../../src/stores/mark-kind.ts';
import { sampleBytes } from '../dmlog/samples.ts';
import { indexFile, SECTOR, sectors, settle, writeAndIndex } from '../support/log-file.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const path = useTemporaryFolder();

interface Wish {
  readonly strategies?: readonly Strategy[];
  readonly fromStart?: boolean;
  readonly byHistory?: boolean;
  /** Content of the device at the end, where known. */
  readonly final?: Buffer;
}

function planOf(entries: readonly NewLogEntry[], wish: Wish = {}): CrashPlan {
  writeFileSync(path('base.img'), Buffer.alloc(32 * SECTOR));
  const index = writeAndIndex(path('log'), entries);
  if (wish.final) writeFileSync(path('final.img'), wish.final);
  return planWith(index, wish);
}

function planWith(
  index: LogIndex,
  { strategies = [eachBarrier], fromStart = false, byHistory = false, final }: Wish,
): CrashPlan {
  const acknowledgements = readAcknowledgements(index, markKind);
  const settlement = settle(index, path('log'), final && path('final.img'));
  const [base, log] = [path('base.img'), path('log')];
  const chosen = strategies.map((strategy) => ({ strategy, value: 0 }));
  const request = { index, acknowledgements, settlement, strategies: chosen, seed: 1, base, log, fromStart, byHistory };
  return makePlan(request, path());
}

const write = (letter: string, sector = 0): NewLogEntry => newEntry.write(sector, sectors(letter));
const flush = newEntry.flush();
const ack = (id: number): NewLogEntry => newEntry.mark(`ack:${id}`);
const statesOf = ({ items }: CrashPlan): PlannedState[] => items.filter((item) => item.kind === 'state');
const idsOf = (plan: CrashPlan): string[] => statesOf(plan).map(({ state }) => state);

describe('makePlan', () => {
  it('plans no run of a space that starts on a disk with a block that nobody knows', () => {
    // Whether a or c came last to sector 0, nothing tells: it stays in doubt until it is written again.
    const entries = [newEntry.fua(0, sectors('a')), write('c'), flush, write('x', 4), flush, write('d'), flush];
    const strategy: Strategy = { ...inFlight, propose: (context) => inFlight.propose({ ...context, value: 64 }) };
    const { items } = planOf(entries, { strategies: [strategy] });
    const spaces = items.filter((item) => item.kind === 'space');
    expect(spaces.map(({ anchor, doubtful, expectedRuns }) => [anchor, doubtful, expectedRuns])).toEqual([
      [0, 1n, 2],
      [2, 'all', 0],
      [4, 'all', 0],
    ]);
  });

  it('lists the states in log order with what is acknowledged in each', () => {
    const plan = planOf([write('a'), flush, ack(0), write('b'), flush, ack(1)]);
    expect(plan).toEqual({
      items: [
        { kind: 'state', order: 0, state: 'base', anchor: undefined, ackCount: 0, twins: 0 },
        { kind: 'state', order: 1, state: 'p1', anchor: 1, ackCount: 1, twins: 0 },
        { kind: 'state', order: 2, state: 'p4', anchor: 4, ackCount: 2, twins: 0 },
      ],
      planned: 3,
      beforeReady: 0,
      skipped: 0,
    });
  });

  it('tries one of several states that are the same to the last byte and acknowledgement', () => {
    const plan = planOf([write('a'), flush, flush, write('b'), flush, write('a'), flush]);
    expect(statesOf(plan).map(({ state, twins }) => [state, twins])).toEqual([
      ['base', 0],
      ['p1', 2],
      ['p4', 0],
    ]);
    expect(plan.planned).toBe(5);
  });

  it('takes equal disks at two moments of a history for two states, where a history judges them', () => {
    const entries = [write('a'), flush, newEntry.mark('fail:1'), flush, newEntry.mark('ready'), flush];
    expect(idsOf(planOf(entries, { fromStart: true }))).toEqual(['base', 'p1']);
    // `ready` and other marks are no events of it.
    const plan = planOf(entries, { fromStart: true, byHistory: true });
    expect(statesOf(plan).map(({ state, twins }) => [state, twins])).toEqual([
      ['base', 0],
      ['p1', 2],
    ]);
    const later = planOf([write('a'), flush, flush, newEntry.mark('fail:1'), flush], { byHistory: true });
    expect(statesOf(later).map(({ state, twins }) => [state, twins])).toEqual([
      ['base', 0],
      ['p1', 0],
      ['p2', 1],
    ]);
  });

  it('takes equal disks with another count of acknowledgements for two states', () => {
    const plan = planOf([write('a'), flush, write('b', 1), flush, newEntry.discard(1, 1), ack(0), flush, ack(1)]);
    expect(statesOf(plan).map(({ state, ackCount }) => [state, ackCount])).toEqual([
      ['base', 0],
      ['p1', 0],
      ['p3', 1],
      ['p6', 2],
    ]);
  });

  it('finds the base again when the disk returns to it', () => {
    const plan = planOf([write('a'), flush, newEntry.discard(0, 1), flush]);
    expect(statesOf(plan).map(({ state, twins }) => [state, twins])).toEqual([
      ['base', 1],
      ['p1', 0],
    ]);
  });

  it('leaves out the states before ready, or takes them in on request', () => {
    const entries = [write('a'), flush, write('b'), flush, newEntry.mark('ready'), flush, write('c'), flush];
    expect(planOf(entries)).toMatchObject({ planned: 3, beforeReady: 2, skipped: 0 });
    expect(idsOf(planOf(entries))).toEqual(['p3', 'p7']);
    expect(planOf(entries, { fromStart: true })).toMatchObject({ planned: 5, beforeReady: 0 });
  });

  it('plans nothing when ready never counts', () => {
    expect(planOf([flush, newEntry.mark('ready')])).toMatchObject({ planned: 1, beforeReady: 1 });
  });

  it('leaves out and counts the states with a block of unknown content', () => {
    const entries = [newEntry.fua(0, sectors('b')), write('a'), flush, write('x', 5), flush, write('c'), flush];
    const plan = planOf(entries);
    expect(plan).toMatchObject({ planned: 5, skipped: 2, beforeReady: 0 });
    expect(idsOf(plan)).toEqual(['base', 'p0', 'p6']);
  });

  it('compares disks as they really were, with the settled content in place', () => {
    // The FUA write came last: behind the flush the disk is the one that the FUA write left.
    const final = Buffer.concat([sectors('b'), Buffer.alloc(31 * SECTOR)]);
    const plan = planOf([newEntry.fua(0, sectors('b')), write('a'), flush], { final });
    expect(statesOf(plan).map(({ state, twins }) => [state, twins])).toEqual([
      ['base', 0],
      ['p0', 1],
    ]);
  });

  it('adds up strategies: each state once, in log order', () => {
    const odd: Strategy = {
      name: 'odd',
      summary: 'states from the end to the start',
      *propose({ index }) {
        for (let entry = index.entryCount - 1; entry >= 0; entry -= 1) yield oneState(atEntry(entry));
      },
    };
    const plan = planOf([write('a'), flush, write('b'), flush], { strategies: [eachBarrier, odd] });
    expect(plan).toMatchObject({ planned: 5 });
    expect(idsOf(plan)).toEqual(['base', 'p0', 'p2']);
  });

  it('leaves its image to whoever owns the folder, and nothing else', () => {
    planOf([write('a'), flush]);
    expect(readdirSync(path()).sort()).toEqual(['base.img', 'log', 'plan.img']);
  });
});

describe('the plan of a captured log', () => {
  it('has the states that a slow comparison of whole disks finds', () => {
    for (const [name, sample] of [
      ['base.img', 'sqlite-wal-ext4.base.img'],
      ['log', 'sqlite-wal-ext4.log.img'],
    ] as const) {
      writeFileSync(path(name), sampleBytes(sample));
    }
    const index = indexFile(path('log'));
    const plan = planWith(index, {});
    const expected = distinctStates(
      index,
      sampleBytes('sqlite-wal-ext4.log.img'),
      sampleBytes('sqlite-wal-ext4.base.img'),
    );
    expect(statesOf(plan).map(({ state, twins }) => [state, twins])).toEqual([...expected]);
    expect(plan).toMatchObject({ planned: 135, beforeReady: 0, skipped: 0 });
    // A frozen number: 26 barriers left nothing new since an earlier one.
    expect(statesOf(plan)).toHaveLength(109);
    expect(statesOf(plan)[0]).toMatchObject({ state: 'base', ackCount: 0 });
    expect(statesOf(plan).at(-1)).toMatchObject({ ackCount: 20 });
  });
});

/** State -> how many later ones equal it, by the hash of every sector that differs from the base. */
function distinctStates(index: LogIndex, log: Buffer, base: Buffer): Map<string, number> {
  const acknowledgements = readAcknowledgements(index, markKind);
  const changed = new Map<number, string>();
  const firstOf = new Map<string, string>();
  const twins = new Map<string, number>();
  const look = (state: string): void => {
    const ackCount = acknowledgedCount(index, acknowledgements, parseCrashState(state));
    const disk = [...changed].sort(([left], [right]) => left - right).join(';');
    const key = `${ackCount} ${disk}`;
    const first = firstOf.get(key);
    if (first === undefined) firstOf.set(key, state);
    twins.set(first ?? state, first === undefined ? 0 : twins.get(first)! + 1);
  };
  const points = new Set(crashPoints(index));
  look('base');
  for (let entry = 0; entry < index.entryCount; entry += 1) {
    for (let done = 0; done < dataBytes(index, entry); done += SECTOR) {
      const sector = index.sectors[entry]! + done / SECTOR;
      const content = log.subarray(dataOffsetBytes(index, entry) + done, dataOffsetBytes(index, entry) + done + SECTOR);
      if (content.equals(base.subarray(sector * SECTOR, (sector + 1) * SECTOR))) changed.delete(sector);
      else changed.set(sector, createHash('sha256').update(content).digest('base64'));
    }
    if (points.has(entry)) look(`p${entry}`);
  }
  return twins;
}
