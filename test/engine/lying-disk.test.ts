/** From the plan of --drop-flush to the verdict, over the disks themselves: a key for each sector, no file system. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newEntry, type NewLogEntry } from '../../src/dmlog/new-entry.ts';
import { DumpJudge } from '../../src/engine/dump-judge.ts';
import { judgeStore } from '../../src/engine/judge-store.ts';
import type { OpenRequest } from '../../src/engine/requests.ts';
import type { StoreSteps } from '../../src/engine/store-steps.ts';
import { loadLog, type LoadedLog } from '../../src/pipeline/load-log.ts';
import { planStates } from '../../src/pipeline/plan-states.ts';
import { parseCrashState } from '../../src/replay/state-id.ts';
import { writeStateImage } from '../../src/replay/state-image.ts';
import { parseDurability } from '../../src/stores/durability.ts';
import { HISTORY_FILE } from '../../src/stores/history.ts';
import { makeRecording, REPLAY_OPTIONS } from '../pipeline/made-recording.ts';
import { SECTOR, sectors } from '../support/log-file.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const path = useTemporaryFolder();
const { mark, flush, write, fua } = newEntry;
const KEYS = ['a', 'b', 'c'];

/** Puts of a, b and c, one after the other; each value is the letter in upper case, in the sector of its key. */
function historyLines(waits: boolean): string {
  const lines = KEYS.flatMap((key, i) => [
    { type: 'invoke', id: i + 1, op: 'put', key, value: key.toUpperCase(), reply: waits },
    { type: 'ok', id: i + 1 },
  ]);
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function keysOn(log: LoadedLog, folder: string, state: string): Map<string, string> {
  const image = path(`${state}.img`);
  const sources = { base: join(folder, 'base.img'), log: join(folder, 'log'), index: log.index };
  writeStateImage({ ...sources, corrections: log.settlement.corrections }, parseCrashState(state), image);
  const bytes = readFileSync(image);
  const found = KEYS.map((key, i) => [key, bytes.toString('latin1', i * SECTOR, i * SECTOR + 1)] as const);
  return new Map(found.filter(([, value]) => value !== '\0'));
}

/** The disk of each state and what is said of it: `p4~1: a, c` to `ok`. */
async function judgeLies(store: (id: number) => NewLogEntry[], waits: boolean): Promise<Record<string, string>> {
  const entries = KEYS.flatMap((_, i) => [...(waits ? [mark(`invoke:${i + 1}`)] : []), ...store(i + 1)]);
  const made = makeRecording(path('r'), entries);
  writeFileSync(join(made.folder, HISTORY_FILE), historyLines(waits));
  const counts = { ...made.manifest.counts, operations: KEYS.length };
  const recording = { ...made, manifest: { ...made.manifest, counts } };
  const log = loadLog(recording);
  const dump = ['./dump'];
  const options = { ...REPLAY_OPTIONS, strategies: [{ name: 'drop-flush' as const }], dump };
  const { items } = await planStates(recording, log, options, () => expect.unreachable());
  const request = { folder: made.folder, dump, repeatRecovery: false, durability: parseDurability([]) };
  const judge = DumpJudge.for(request as unknown as OpenRequest, log.index)!;
  const verdicts: Record<string, string> = {};
  for (const item of items) {
    const state = item.kind === 'state' ? item.state : expect.unreachable();
    const found = keysOn(log, made.folder, state);
    const ok = () => Promise.resolve({ kind: 'ok' });
    const opened = () => Promise.resolve({ kind: 'opened', entries: found });
    const steps = { recover: ok, dump: opened, check: ok } as unknown as StoreSteps;
    const { verdict } = await judgeStore(steps, judge.yardstickFor(state));
    const said = verdict.kind === 'violated' ? `${verdict.class}: ${verdict.message}` : verdict.kind;
    verdicts[`${state}: ${[...found.keys()].join(', ')}`] = said;
  }
  return verdicts;
}

const sector = (id: number) => [id - 1, sectors(KEYS[id - 1]!.toUpperCase())] as const;
const SOUND: Record<string, (id: number) => NewLogEntry[]> = {
  'flushes each write': (id) => [write(...sector(id)), flush(), mark(`ack:${id}`)],
  // The first one apart: a flush with nothing to write out cannot lie.
  'writes through': (id) => [...(id === 1 ? [write(...sector(id)), flush()] : [fua(...sector(id))]), mark(`ack:${id}`)],
};

describe.each(Object.keys(SOUND))('a sound store that %s', (name) => {
  it.each([
    ['waits for its marks', true],
    ['does not wait', false],
  ])('and %s is not accused on a lying disk', async (_, waits) => {
    const verdicts = await judgeLies(SOUND[name]!, waits);
    expect(new Set(Object.values(verdicts))).toEqual(new Set(['ok']));
    // Something is there that came after the lie, without what came before: it is this that nobody may be accused of.
    const inverted = Object.keys(verdicts).filter((state) => /: (b|c|b, c|a, c)$/.test(state));
    expect(inverted.length, Object.keys(verdicts).join('; ')).toBeGreaterThan(0);
  });
});

describe('a store at fault', () => {
  const later = (id: number) => [write(...sector(id)), flush(), mark(`ack:${id}`)];

  it('that acknowledges before it flushes has lost what it had acknowledged before the lie', async () => {
    const hasty = (id: number) => [write(...sector(id)), mark(`ack:${id}`), flush()];
    const verdicts = Object.values(await judgeLies(hasty, true));
    expect(verdicts.filter((said) => said.startsWith('lost: operation 1 (put "a")'))).not.toEqual([]);
  });

  it('that holds what it was not asked for yet has made it up', async () => {
    const early = (id: number) => (id === 1 ? [fua(...sector(3)), ...later(1)] : later(id));
    const verdicts = Object.values(await judgeLies(early, true));
    expect(verdicts.filter((said) => said.includes('operation 3 (put "c") was not started yet'))).not.toEqual([]);
  });
});
