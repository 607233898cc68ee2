/** `merge`, `report` and `--shard` from the command line; that merging is exact is merge-shards.test.ts's business. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newEntry } from '../../src/dmlog/new-entry.ts';
import type { Report, RunReport } from '../../src/report/report.ts';
import { makeRecording } from '../pipeline/made-recording.ts';
import { HELD, report, VIOLATED } from '../report/canned-events.ts';
import { sectors } from '../support/log-file.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';
import { runMain } from './run-main.ts';

vi.mock('../../src/host/clean.ts', () => ({ cleanLeftovers: () => [] }));

const path = useTemporaryFolder();
const before = process.cwd();
beforeEach(() => process.chdir(path()));
afterEach(() => {
  process.chdir(before);
  vi.unstubAllEnvs();
});

function save(name: string, ...runs: RunReport[]): Report {
  const saved = report(...runs);
  writeFileSync(path(name), JSON.stringify(saved));
  return saved;
}

/** Half of a plan of 200 states. */
const half = (run: RunReport, index: number): RunReport => ({
  ...run,
  shard: {
    index,
    count: 2,
    plan: 'p',
    options: 'o',
    own: { planned: 103, distinct: 100, skipped: 0 },
    whole: { planned: 206, distinct: 200, skipped: 0 },
    spaces: [],
  },
});

describe('powercut report', () => {
  it.each<[string, RunReport[], number]>([
    ['held', [HELD], 0],
    ['violated', [HELD, VIOLATED], 1],
    ['unknown', [{ ...HELD, states: { ...HELD.states, tested: 1 } }], 2],
  ])('renders what %s, with the status of its run', async (_, runs, status) => {
    save('r.json', ...runs);
    const run = await runMain('report', 'r.json');
    expect(run.status).toBe(status);
    expect(run.stdout).toMatch(/^(ok|violated|unknown): /);
    expect(run.stderr).toBe('');
  });

  it('renders in any form', async () => {
    save('r.json', VIOLATED);
    const run = await runMain('report', 'r.json', '--reporter', 'junit=r.xml', '--reporter', 'line');
    expect(run.stdout).toMatch(/^violated: /);
    expect(readFileSync(path('r.xml'), 'utf8')).toContain('<failure type="lost"');
    const { stdout } = await runMain('report', 'r.json', '--reporter', 'junit');
    const untimed = (text: string): string => text.replace(/ timestamp="[^"]*"/g, '');
    expect(untimed(stdout)).toBe(untimed(readFileSync(path('r.xml'), 'utf8')));
  });

  it.each([
    ['none.json', undefined, /^powercut: none\.json cannot be read as a report: ENOENT/],
    ['torn.json', '{"formatVersion":1,', /^powercut: torn\.json cannot be read as a report: /],
    ['other.json', '{"formatVersion":1}', /^powercut: other\.json is no report of this version of powercut:\n {2}/],
  ])('refuses %s', async (name, text, message) => {
    if (text !== undefined) writeFileSync(path(name), text);
    const run = await runMain('report', name);
    expect(run).toMatchObject({ status: 64, stdout: '' });
    expect(run.stderr).toMatch(message);
  });
});

describe('powercut merge', () => {
  it('writes one report of all shards, and ends with its status', async () => {
    save('1.json', half(HELD, 1));
    save('2.json', half(HELD, 2));
    const run = await runMain('merge', '2.json', '1.json', '--json', 'all.json');
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout).toMatch(/^ok: all of 200 tested crash states held\n/);
    const merged = JSON.parse(readFileSync(path('all.json'), 'utf8')) as Report;
    expect(merged).toMatchObject({ verdict: 'ok', runs: [{ states: { planned: 206, distinct: 200, tested: 200 } }] });
    expect((await runMain('report', 'all.json')).status).toBe(0);
  });

  it('is unknown while a shard is missing, and says which', async () => {
    save('2.json', half(HELD, 2));
    const run = await runMain('merge', '2.json');
    expect(run.status).toBe(2);
    expect(run.stdout).toMatch(/^unknown: 100 of 200 crash states not tested\n/);
    expect(run.stderr).toBe('note: shard 1 missing: what was to be tested there counts as not tested\n');
  });

  it('refuses what does not belong together', async () => {
    save('1.json', half(HELD, 1));
    save('2.json', half({ ...HELD, recording: { ...HELD.recording!, id: 'other' } }, 2));
    const run = await runMain('merge', '1.json', '2.json', '--json', 'all.json');
    expect(run).toMatchObject({ status: 64, stdout: '' });
    expect(run.stderr).toContain('2.json cannot be merged with 1.json: they come from different recordings');
  });
});

describe('--shard', () => {
  const list = async (...words: string[]): Promise<string[]> =>
    (await runMain('replay', 'r', '--list', ...words)).stdout.split('\n').slice(0, -1);

  it.each([
    [[], 5],
    [['--each-barrier', '--in-flight=2'], 9],
  ])('lists its part of the plan, with %j', async (strategies, length) => {
    const writes = ['a', 'b', 'c', 'd'].flatMap((text) => [newEntry.write(0, sectors(text)), newEntry.flush()]);
    makeRecording(path('r'), writes);
    const all = await list(...strategies);
    expect(all).toHaveLength(length);
    const part = (shard: string): Promise<string[]> => list(...strategies, '--shard', shard);
    const parts = [await part('1/3'), await part('2/3'), await part('3/3')];
    expect(parts.flat()).toEqual(all);
    expect(parts.every((part) => part.length > 0)).toBe(true);
  });

  it.each([
    [['replay', 'r', '--shard', '4/3'], '--shard 4/3: expected i/n with i from 1 to n, such as 1/3'],
    [['replay', 'r', '--shard', '1/9', '--list'], '--shard 1/9: n can be 2 at most, since the plan has no more'],
    [['replay', '--workload', 'true', '--shard', '1/2'], '--shard needs a recording that all shards share'],
  ])('refuses %j', async (words, message) => {
    makeRecording(path('r'), [newEntry.write(0, sectors('a')), newEntry.flush()]);
    const run = await runMain(...words);
    expect(run.status).toBe(64);
    expect(run.stderr).toContain(message);
  });
});
