/** The calibration without power cuts: the page says what the last campaign found, and the stores' judges can tell right from wrong. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RECORDINGS, ROWS, wordsOf } from '../calibration/catalogue.mjs';
import { STORES, versionOf } from '../calibration/stores.mjs';
import { isAsKnown, isAsPredicted, withTables } from '../calibration/tables.mjs';
import { useTemporaryFolder } from './support/temporary-folder.ts';

const root = resolve(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/calibration.md'), 'utf8');
const results = JSON.parse(readFileSync(join(root, 'calibration/results.json'), 'utf8')) as Record<string, object>;
const path = useTemporaryFolder();

describe('the page', () => {
  it('has the tables of the last campaign, and every row was run', () => {
    expect(withTables(page, results)).toBe(page);
    expect(page).not.toContain('not run');
    expect(Object.keys(results)).toEqual(RECORDINGS.map(({ key }) => key));
  });

  it.each(RECORDINGS)('$key came out as predicted, or it says why not', (row) => {
    expect(isAsKnown(row, results[row.key])).toBe(true);
    const headings = [...page.matchAll(/^### (.+)$/gm)].map(([, text]) => text);
    if (row.differs !== undefined) expect(headings).toContain(row.differs.because);
    expect(isAsPredicted(row, results[row.key])).toBe(row.differs === undefined);
  });

  it('has a store that keeps its word and one that does not, of every kind', () => {
    for (const store of ['sqlite', 'lmdb', 'leveldb', 'redis', 'postgresql', 'write-file-atomic']) {
      const rows = Object.values(ROWS).filter((row) => row.store === store);
      expect(new Set(rows.map(({ predicted }) => predicted === 'ok')), store).toEqual(new Set([true, false]));
    }
  });
});

describe('what came out', () => {
  const sound = { predicted: 'ok' };
  const loses = { predicted: { must: ['lost'], may: ['torn'], losesAtMost: 1 } };
  const found = { classes: {}, tested: 9, unknown: 0, whenSpared: {} };

  it.each([
    [sound, found, true],
    [sound, { ...found, classes: { lost: 1 } }, false],
    [sound, { ...found, unknown: 1 }, false],
    [sound, { ...found, tested: 0 }, false],
    [loses, { ...found, classes: { lost: 1 } }, true],
    [loses, { ...found, classes: { lost: 1, torn: 1 } }, true],
    [loses, found, false],
    [loses, { ...found, classes: { lost: 1, corrupt: 1 } }, false],
    [loses, { ...found, classes: { lost: 1 }, whenSpared: { lost: 1 } }, false],
  ])('is compared with what was predicted: %j, %j', (row, came, expected) => {
    expect(isAsPredicted(row, came)).toBe(expected);
  });
});

/** One row of each kind of commands is enough. */
const STORE_ROWS = Object.keys(STORES).map((store) => RECORDINGS.find((row) => row.store === store)!);

describe.each(STORE_ROWS)('$store', (row) => {
  const run = (command: string, count: number) => {
    const words = command.replace('{dir}', path()).replace('{count}', String(count)).split(' ');
    const { status, stdout } = spawnSync(words[0]!, words.slice(1), { cwd: root, encoding: 'utf8' });
    return { status, stdout };
  };

  it('keeps what it acknowledged where there is no power cut, and is caught when it does not', (context) => {
    if (versionOf(row.store) === undefined) context.skip(`not here: ${STORES[row.store]!.remedy}`);
    // PostgreSQL runs as a user of its own.
    chmodSync(path(), 0o755);
    if (row.setup !== undefined) expect(run(row.setup, 0).status).toBe(0);
    const { status, stdout } = run(row.workload, 0);
    const acknowledged = stdout.split('\n').filter((line) => line.startsWith('ack ')).length;
    expect({ status, acknowledged }).toEqual({ status: 0, acknowledged: expect.any(Number) });
    expect(run(row.check, acknowledged)).toEqual({ status: 0, stdout: '' });
    expect(run(row.check, acknowledged + 1)).toEqual({ status: 1, stdout: expect.stringMatching(/^lost: /) });
  });
});

describe('the judge of the stores in Python', () => {
  const judged = (change: string): string => {
    const program = `import common
found = {}
for number in range(1, 10):
    found.update(common.transaction(number))
${change}
try:
    common.judge(found, 9)
except common.Violated as violation:
    print(violation)`;
    const words = ['-B', '-c', program];
    return spawnSync('/usr/bin/python3', words, { cwd: join(root, 'calibration/stores'), encoding: 'utf8' }).stdout;
  };

  it.each([
    ['nothing', 'pass', ''],
    ['an older key gone', 'del found["k000004"]', 'reordered: transaction 4 is missing, but 9 is there\n'],
    ['another value', 'found["k000004"] = ""', 'corrupt: transaction 4 came back with another value\n'],
    ['half a transaction', 'found["last"] = "8"', 'torn: last is not as transaction 9 left it\n'],
    ['a key of nobody', 'found["s9"] = ""', 'torn: s9 is there, but the keys reach 9\n'],
    ['nothing at all', 'found = {}', 'lost: transaction 1 is gone (9 acknowledged, 0 recovered)\n'],
  ])('names the class: %s', (_, change, expected) => expect(judged(change)).toBe(expected));
});

describe.skipIf(versionOf('steno') === undefined)('the judge of documents', () => {
  const check = (): string => {
    const words = ['calibration/stores/replace-file.mjs', 'check', path(), '1'];
    return spawnSync('node', words, { cwd: root, encoding: 'utf8' }).stdout;
  };

  it.each([
    ['empty', '', 'torn: document.json has 0 bytes, empty, or NULs\n'],
    ['half', '{"number":1,"val', 'torn: document.json has 16 bytes, not JSON\n'],
    ['other', '{"number":1,"value":"x"}', 'corrupt: document.json came back with another value\n'],
  ])('names the class: %s', (_, text, expected) => {
    writeFileSync(join(path(), 'document.json'), text);
    expect(check()).toBe(expected);
  });

  it('misses what is not there', () => {
    expect(existsSync(join(path(), 'document.json'))).toBe(false);
    expect(check()).toBe('lost: document 1 is gone (1 acknowledged, 0 recovered)\n');
  });
});

it('gives powercut the strategies, the file system and the commands of a row', () => {
  expect(wordsOf({ fs: 'xfs', strategies: ['--in-flight 8'], workload: 'w {dir}', check: 'c' })).toEqual([
    '--in-flight',
    '8',
    '--fs',
    'xfs',
    '--workload',
    'w {dir}',
    '--check',
    'c',
  ]);
});
