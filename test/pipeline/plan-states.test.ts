import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { newEntry, type NewLogEntry } from '../../src/dmlog/new-entry.ts';
import { UsageError } from '../../src/errors.ts';
import { ownerName } from '../../src/host/owner.ts';
import { loadLog } from '../../src/pipeline/load-log.ts';
import type { FindFiles } from '../../src/pipeline/find-files.ts';
import type { ReplayOptions } from '../../src/pipeline/options.ts';
import { planStates } from '../../src/pipeline/plan-states.ts';
import type { CrashPlan, PlannedState } from '../../src/replay/plan.ts';
import { sectors } from '../support/log-file.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';
import { makeRecording, MANIFEST, REPLAY_OPTIONS } from './made-recording.ts';

const path = useTemporaryFolder();
const ENTRIES = [
  newEntry.write(0, sectors('a')),
  newEntry.flush(),
  newEntry.mark('ready'),
  newEntry.mark('ack:0'),
  newEntry.flush(),
  newEntry.fua(1, sectors('b')),
  newEntry.mark('ack:1'),
];

const expectNobodyAsked: FindFiles = () => expect.unreachable();

async function plan(
  options: Partial<ReplayOptions> = {},
  entries: readonly NewLogEntry[] = ENTRIES,
  find = expectNobodyAsked,
): Promise<CrashPlan> {
  const recording = makeRecording(path('r'), entries);
  return planStates(recording, loadLog(recording), { ...REPLAY_OPTIONS, ...options }, find);
}

const statesOf = ({ items }: CrashPlan): PlannedState[] => items.filter((item) => item.kind === 'state');
const brief = (crashPlan: CrashPlan): unknown[] =>
  statesOf(crashPlan).map(({ order, state, ackCount }) => [order, state, ackCount]);

describe('planStates', () => {
  it('plans what the strategies propose', async () => {
    expect(await plan()).toMatchObject({ planned: 3, beforeReady: 1, skipped: 0 });
    expect(brief(await plan())).toEqual([
      [0, 'p1', 1],
      [1, 'p5', 2],
    ]);
    expect(await plan({ fromStart: true })).toMatchObject({ planned: 4, beforeReady: 0 });
  });

  it('leaves nothing in the temporary folder', async () => {
    await plan();
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith(ownerName()))).toEqual([]);
  });

  it('plans states during the recovery of others behind these, with what was acknowledged then', async () => {
    const named = await plan({ states: ['p5:p2', 'p1:p10:p3', 'p5', 'p1:p9', 'p1:p10'] });
    expect(brief(named)).toEqual([
      [0, 'p1:p9', 1],
      [1, 'p1:p10', 1],
      [2, 'p1:p10:p3', 1],
      [3, 'p5', 2],
      [4, 'p5:p2', 2],
    ]);
    await expect(plan({ states: ['p99:p1'] })).rejects.toThrow(/^p99 is no state of this recording/);
  });

  it('plans exactly the states that are named, in log order, each once, ready or not', async () => {
    const named = await plan({ states: ['p5', 'base', 'p4', 'p5', 'p1'] });
    expect(named).toMatchObject({ planned: 4, beforeReady: 0, skipped: 0 });
    expect(brief(named)).toEqual([
      [0, 'base', 0],
      [1, 'p1', 1],
      [2, 'p4', 1],
      [3, 'p5', 2],
    ]);
  });

  it('gives a named state the acknowledgements that it has in the whole plan', async () => {
    const whole = await plan({ fromStart: true });
    for (const { state, ackCount } of statesOf(whole))
      expect((await plan({ states: [state] })).items).toMatchObject([{ ackCount }]);
  });

  it.each(['p7', 'p4294967296'])('refuses %s, which is behind the log', async (id) => {
    await expect(plan({ states: ['p0', id] })).rejects.toThrow(UsageError);
    await expect(plan({ states: [id] })).rejects.toThrow(
      `${id} is no state of this recording: it is not in this log: its last entry is 6`,
    );
  });

  it('refuses a state that no disk can hold', async () => {
    await expect(plan({ states: ['p4+5'] })).resolves.toMatchObject({ planned: 1 });
    await expect(plan({ states: ['base+5'] })).rejects.toThrow('entry 5 was written after the barrier at 1');
  });

  it('refuses a flipped bit that is not on the device', async () => {
    const bytes = MANIFEST.device.bytes;
    await expect(plan({ states: [`p1%${bytes - 1}.7`] })).resolves.toMatchObject({ planned: 1 });
    await expect(plan({ states: [`p1%${bytes}.0`] })).rejects.toThrow(
      `p1%${bytes}.0 is no state of this recording: its device has no byte ${bytes}: it has ${bytes}`,
    );
  });

  it('refuses what is no state', async () => {
    await expect(plan({ states: ['347'] })).rejects.toThrow(UsageError);
  });

  it('skips a named state whose content nobody knows', async () => {
    const entries = [
      newEntry.fua(0, sectors('b')),
      newEntry.write(0, sectors('a')),
      newEntry.flush(),
      newEntry.fua(0, sectors('c')),
    ];
    const named = await plan({ states: ['p0', 'p1', 'p2', 'p3'] }, entries);
    expect(named).toMatchObject({ planned: 4, skipped: 2 });
    expect(brief(named)).toEqual([
      [0, 'p0', 0],
      [1, 'p3', 0],
    ]);
  });
});

describe('where the files are', () => {
  const strategies: ReplayOptions['strategies'] = [{ name: 'bit-flip', value: 2 }];
  const places = {
    contentBytes: 10,
    unplacedBytes: 0,
    unprovedBytes: 0,
    extents: [{ offsetBytes: 512, lengthBytes: 10 }],
  };

  it('is asked at the last crash point, and the flips are there with all acknowledgements', async () => {
    const asked: unknown[] = [];
    const find: FindFiles = (crashPoint) => Promise.resolve((asked.push(crashPoint), places));
    const { items, notes } = await plan({ strategies }, ENTRIES, find);
    expect(asked).toEqual([5]);
    expect(notes).toEqual([]);
    expect(items).toMatchObject([
      { state: expect.stringMatching(/^p5%51[2-6]\.\d$/) as string, anchor: 5, ackCount: 2 },
      { state: expect.stringMatching(/^p5%5(1[7-9]|2[01])\.\d$/) as string, anchor: 5, ackCount: 2 },
    ]);
  });

  it.each([
    [{ failure: 'EUCLEAN' }, 'no bit is flipped: the disk at p5 does not mount (EUCLEAN)'],
    [{ ...places, contentBytes: 0, extents: [] }, 'no bit is flipped: at p5 there is no file with content'],
    [
      { contentBytes: 10, unplacedBytes: 7, unprovedBytes: 2, extents: [] },
      'no bit is flipped of the files at p5: 7 B have no bytes of their own on the disk, 2 B do not stand where the file system says, as far as can be told, 1 B are written by its recovery',
    ],
    [
      { ...places, contentBytes: 14, unplacedBytes: 4 },
      'no bit is flipped in 4 B of 14 B of the files at p5: 4 B have no bytes of their own on the disk',
    ],
  ])('it says why nothing is flipped: %j', async (found, note) => {
    const { notes } = await plan({ strategies }, ENTRIES, () => Promise.resolve(found));
    expect(notes).toEqual([note]);
  });
});
