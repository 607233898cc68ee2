/** The SQLite example as users run it: the files themselves, with the distribution's Python. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const EXAMPLE = fileURLToPath(new URL('../../../examples/sqlite', import.meta.url));
const PYTHON = '/usr/bin/python3';
const hasSqlite = spawnSync(PYTHON, ['-c', 'import sqlite3']).status === 0;
if (!hasSqlite) process.stderr.write(`skipped: the SQLite example needs ${PYTHON} with its sqlite3 module\n`);

function freshDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'powercut-sqlite-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function run(program: 'workload' | 'check', ...words: string[]) {
  const { status, stdout, stderr } = spawnSync(join(EXAMPLE, program), words, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

function madeStore(count: number, ...options: string[]): string {
  const directory = freshDirectory();
  expect(run('workload', directory, String(count), ...options)).toEqual({ status: 0, stdout: acks(count), stderr: '' });
  return directory;
}

const acks = (count: number): string => `ready\n${Array.from({ length: count }, (_, i) => `ack ${i + 1}\n`).join('')}`;

/** Changes a store behind its back. */
function sql(directory: string, statement: string): void {
  const program = 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.commit()';
  const { stderr } = spawnSync(PYTHON, ['-c', program, databaseIn(directory), statement], { encoding: 'utf8' });
  expect(stderr).toBe('');
}

const databaseIn = (directory: string): string => join(directory, 'store.sqlite');

describe.runIf(hasSqlite)('workload', () => {
  it.each([
    ['DELETE', 'EXTRA'],
    ['TRUNCATE', 'FULL'],
    ['WAL', 'NORMAL'],
    ['OFF', 'OFF'],
  ])('acknowledges in journal mode %s with synchronous %s, and the check finds all of it', (journal, synchronous) => {
    const directory = madeStore(9, '--journal', journal, '--synchronous', synchronous);
    expect(run('check', directory, '9')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(run('check', directory, '10')).toEqual({
      status: 1,
      stdout: 'lost: transaction 10 is gone (10 acknowledged, 9 recovered)\n',
      stderr: '',
    });
  });

  it('does not close the database: that would write the WAL back', () => {
    expect(existsSync(`${databaseIn(madeStore(3, '--journal', 'WAL'))}-wal`)).toBe(true);
  });

  it('has SQLite write the WAL back when it has as many pages as --checkpoint says', () => {
    const [kept, back] = [[], ['--checkpoint', '4']].map((words) => madeStore(3, '--journal', 'WAL', ...words));
    expect(statSync(databaseIn(back!)).size).toBeGreaterThan(statSync(databaseIn(kept!)).size);
  });

  it.each([
    ['waits for the answer', [], { status: 70, stdout: acks(1) }],
    ['with --plain waits for nobody', ['--plain'], { status: 0, stdout: acks(2) }],
  ])('%s', async (_, options, expected) => {
    const child = spawn(join(EXAMPLE, 'workload'), [freshDirectory(), '2', ...options], {
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
      env: { ...process.env, POWERCUT_ACK_REPLY: '3' },
    });
    // The answer to `ack 1` never comes: the next operation would be another line.
    (child.stdio[3] as NodeJS.WritableStream).end();
    const status = new Promise((resolve) => child.once('exit', resolve));
    expect({ stdout: await text(child.stdout!), status: await status }).toEqual(expected);
  });

  it.each([[[]], [['d', '0']], [['d', '1', '--journal', 'NONE']], [['d', '1', '--synchronous', '3']]])(
    'refuses %j with exit 64',
    (words) => expect(run('workload', ...words)).toMatchObject({ status: 64, stdout: '' }),
  );
});

describe.runIf(hasSqlite)('check', () => {
  it.each([
    ['an older row gone', 'delete from entry where id = 4', 'reordered: transaction 4 is missing, but 9 is there'],
    [
      'another value',
      "update entry set value = 'x' where id = 4",
      'corrupt: transaction 4 came back with another value',
    ],
    [
      'half a transaction',
      'delete from entry where id = 9',
      'torn: slot 2 holds 9 instead of 2: part of a transaction',
    ],
    ['a row of nobody', "insert into entry values (-1, 'x')", 'phantom: row -1 was never written'],
    ['no tables', 'drop table entry', 'lost: the tables are gone (9 transactions acknowledged)'],
  ])('names the class: %s', (_, statement, expected) => {
    const directory = madeStore(9, '--journal', 'DELETE');
    sql(directory, statement);
    expect(run('check', directory, '9')).toEqual({ status: 1, stdout: `${expected}\n`, stderr: '' });
  });

  it('calls a damaged file corrupt', () => {
    const directory = madeStore(20, '--journal', 'DELETE');
    truncateSync(databaseIn(directory), 20_480);
    const { status, stdout } = run('check', directory, '20');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^corrupt: /);
  });

  it('wants nothing of an empty folder when nothing was acknowledged', () => {
    const directory = freshDirectory();
    expect(run('check', directory, '0')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(run('check', directory, '1').stdout).toMatch(/^lost: the database file is gone/);
  });

  it('does not exit with 1 when it cannot look: that would be a false alarm', () => {
    const directory = freshDirectory();
    mkdirSync(databaseIn(directory));
    const { status, stdout, stderr } = run('check', directory, '1');
    expect({ status, stdout }).toEqual({ status: 70, stdout: '' });
    expect(stderr).toContain('unable to open database file');
  });

  it.each([[[]], [['d']], [['d', '-1']], [['d', '1', '2']]])('refuses %j with exit 64', (words) => {
    expect(run('check', ...words)).toMatchObject({ status: 64, stdout: '', stderr: 'usage: check DIR COUNT\n' });
  });
});
