/** The two programs as users run them: compiled, under plain Node. */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDirectory, madeStore } from './made-store.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
let built: string;

beforeAll(() => {
  built = mkdtempSync(join(tmpdir(), 'powercut-examples-'));
  cpSync(join(REPOSITORY, 'examples/append-log'), join(built, 'examples'), { recursive: true });
  const options = JSON.parse(readFileSync(join(REPOSITORY, 'tsconfig.json'), 'utf8')).compilerOptions;
  const compilerOptions = { ...options, types: [], rootDir: 'examples', outDir: 'dist' };
  writeFileSync(join(built, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['examples'] }));
  writeFileSync(join(built, 'package.json'), '{"type":"module"}');
  const tsc = join(REPOSITORY, 'node_modules/.bin/tsc');
  // Types are another test's business, and those of Node are not to be found from here.
  const { status, stdout } = spawnSync(tsc, ['-p', built, '--noCheck'], { encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
}, 60_000);
afterAll(() => rmSync(built, { recursive: true, force: true }));

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: 'workload' | 'check', ...words: string[]): Run {
  return spawnSync(process.execPath, [join(built, 'dist', `${program}.js`), ...words], { encoding: 'utf8' });
}

const acks = (count: number): string => `ready\n${Array.from({ length: count }, (_, i) => `ack ${i + 1}\n`).join('')}`;

describe('workload', () => {
  it('says ready, then acknowledges each operation, and leaves what the check wants', () => {
    const directory = freshDirectory();
    expect(run('workload', directory, '12')).toMatchObject({ status: 0, stdout: acks(12), stderr: '' });
    expect(run('check', directory, '12')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it('does 40 operations unless told otherwise, with a fault and a neighbour too', () => {
    const directory = freshDirectory();
    const workload = run('workload', directory, '--fault', 'ack-before-fsync', '--neighbour');
    expect(workload).toMatchObject({ status: 0, stdout: acks(40) });
    expect(readFileSync(join(directory, 'neighbour'), 'utf8')).toHaveLength(40);
    expect(run('check', directory, '40').status).toBe(0);
  });

  it('does not start the next operation before the acknowledgement was answered', async () => {
    const directory = freshDirectory();
    const child = startWaiting(directory);
    child.replies.end();
    // The answer to `ack 1` never comes: the next operation would be another line.
    expect(await child.ended).toEqual({ status: 70, stdout: acks(1) });
    expect(run('check', directory, '2').stdout).toMatch(/^lost: operation 2 is gone/);
  });

  it('goes on at each answer', async () => {
    const child = startWaiting(freshDirectory());
    child.replies.write('...');
    expect(await child.ended).toEqual({ status: 0, stdout: acks(3) });
  });

  it('with --plain waits for nobody', async () => {
    const child = startWaiting(freshDirectory(), '--plain');
    child.replies.end();
    expect(await child.ended).toEqual({ status: 0, stdout: acks(3) });
  });

  it.each([
    ['no directory', []],
    ['too many words', ['d', '1', '2']],
    ['a count of nothing', ['d', '0']],
    ['a count that is none', ['d', 'many']],
    ['an unknown fault', ['d', '--fault', 'none']],
    ['an unknown option', ['d', '--fast']],
  ])('refuses %s with its usage and exit 64', (_, words) => {
    const { status, stdout, stderr } = run('workload', ...words);
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
    expect(stderr).toContain('usage: workload DIR [COUNT] [--fault ack-before-fsync|');
  });

  it('refuses a directory that holds a store, since its operations would get other numbers', () => {
    expect(run('workload', madeStore(1))).toMatchObject({ status: 64, stdout: '' });
  });

  function startWaiting(directory: string, ...options: string[]) {
    const child = spawn(process.execPath, [join(built, 'dist/workload.js'), directory, '3', ...options], {
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
      env: { ...process.env, POWERCUT_ACK_REPLY: '3' },
    });
    const replies = child.stdio[3] as NodeJS.WritableStream;
    // A workload that does not read its answers closes them when it ends.
    replies.on('error', () => undefined);
    const status = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const ended = Promise.all([status, text(child.stdout!)]).then(([code, stdout]) => ({ status: code, stdout }));
    return { replies, ended };
  }
});

describe('check', () => {
  it('exits with 1 and names the class in its first line', () => {
    const directory = madeStore(12);
    truncateSync(join(directory, '000002.log'), 0);
    expect(run('check', directory, '12')).toMatchObject({
      status: 1,
      stdout: 'torn: 000002.log (0 bytes) does not start with a whole record\n',
    });
  });

  it.each([
    ['no count', ['d']],
    ['a count that is none', ['d', '-1']],
    ['too many words', ['d', '1', '2']],
  ])('refuses %s with exit 64', (_, words) => {
    const { status, stderr } = run('check', ...words);
    expect(status).toBe(64);
    expect(stderr).toContain('usage: check DIR COUNT');
  });

  it('does not exit with 1 when it cannot look: that would be a false alarm', () => {
    const { status, stdout, stderr } = run('check', join(freshDirectory(), 'nowhere'), '1');
    expect({ status, stdout }).toEqual({ status: 70, stdout: '' });
    expect(stderr).toContain('ENOENT');
  });
});
