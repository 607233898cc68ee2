/** From the plan to the verdict: states that are equal to the last byte, judged at different moments of a history. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newEntry } from '../../src/dmlog/new-entry.ts';
import { DumpJudge } from '../../src/engine/dump-judge.ts';
import { judgeStore } from '../../src/engine/judge-store.ts';
import type { OpenRequest } from '../../src/engine/requests.ts';
import type { StoreSteps } from '../../src/engine/store-steps.ts';
import { loadLog } from '../../src/pipeline/load-log.ts';
import { planStates } from '../../src/pipeline/plan-states.ts';
import { parseDurability } from '../../src/stores/durability.ts';
import { HISTORY_FILE } from '../../src/stores/history.ts';
import { makeRecording, REPLAY_OPTIONS } from '../pipeline/made-recording.ts';
import { sectors } from '../support/log-file.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const path = useTemporaryFolder();
const flush = newEntry.flush();
const mark = newEntry.mark;
const HISTORY = `
{"type":"invoke","id":1,"op":"put","key":"k","value":"a","reply":true}
{"type":"fail","id":1}
`;
/** The disk is the same from p2 on; that the operation had failed stands in the log from p3 on. */
const ENTRIES = [mark('invoke:1'), newEntry.write(0, sectors('a')), flush, flush, mark('fail:1'), flush];

/** What the recovered store says in each state of the plan. */
async function judgeAll(found: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const made = makeRecording(path('r'), ENTRIES);
  writeFileSync(join(made.folder, HISTORY_FILE), HISTORY);
  const { manifest } = made;
  const recording = { ...made, manifest: { ...manifest, counts: { ...manifest.counts, operations: 1 } } };
  const log = loadLog(recording);
  const dump = ['./dump'];
  const plan = await planStates(recording, log, { ...REPLAY_OPTIONS, dump }, () => expect.unreachable());
  const request = { folder: made.folder, dump, repeatRecovery: false, durability: parseDurability([]) };
  const judge = DumpJudge.for(request as unknown as OpenRequest, log.index)!;
  const entries = new Map(Object.entries(found));
  const ok = () => Promise.resolve({ kind: 'ok' });
  const opened = () => Promise.resolve({ kind: 'opened', entries });
  const steps = { recover: ok, dump: opened, check: ok } as unknown as StoreSteps;
  const verdicts: Record<string, string> = {};
  for (const item of plan.items) {
    const state = item.kind === 'state' ? item.state : expect.unreachable();
    const { verdict } = await judgeStore(steps, judge.yardstickFor(state));
    verdicts[state] = verdict.kind === 'violated' ? verdict.class : verdict.kind;
  }
  return verdicts;
}

describe('of two states with one disk', () => {
  it('the later is judged too: only there what is found is the value of an operation that had failed', async () => {
    expect(await judgeAll({ k: 'a' })).toEqual({ base: 'ok', p2: 'ok', p3: 'phantom' });
  });

  it('neither accuses a store that has nothing', async () => {
    expect(await judgeAll({})).toEqual({ base: 'ok', p2: 'ok', p3: 'ok' });
  });
});
