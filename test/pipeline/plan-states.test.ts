import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { newEntry, type NewLogEntry } from '../../src/dmlog/new-entry.ts';
import { UsageError } from '../../src/errors.ts';
import { ownerName } from '../../src/host/owner.ts';
import { loadLog } from '../../src/pipeline/load-log.ts';
import type { ReplayOptions } from '../../src/pipeline/options.ts';
import { planStates } from '../../src/pipeline/plan-states.ts';
import type { CrashPlan } from '../../src/replay/plan.ts';
import { sectors } from '../support/log-file.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';
import { makeRecording, REPLAY_OPTIONS } from './made-recording.ts';

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

async function plan(
  options: Partial<ReplayOptions> = {},
  entries: readonly NewLogEntry[] = ENTRIES,
): Promise<CrashPlan> {
  const recording = makeRecording(path('r'), entries);
  return planStates(recording, loadLog(recording), { ...REPLAY_OPTIONS, ...options });
}

const brief = ({ states }: CrashPlan): unknown[] =>
  states.map(({ order, state, ackCount }) => [order, state, ackCount]);

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
    for (const { state, ackCount } of whole.states)
      expect((await plan({ states: [state] })).states).toMatchObject([{ ackCount }]);
  });

  it.each(['p7', 'p4294967296'])('refuses %s, which is behind the log', async (id) => {
    await expect(plan({ states: ['p0', id] })).rejects.toThrow(UsageError);
    await expect(plan({ states: [id] })).rejects.toThrow(`${id} is not in this log: its last entry is 6`);
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
