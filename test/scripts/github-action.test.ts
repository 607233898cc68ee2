/** The steps of the GitHub action, with a powercut that tells how it was called and a sudo that behaves like sudo. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/github-action.sh', import.meta.url));
const path = useTemporaryFolder();

const CALLED = `import { writeFileSync } from 'node:fs';
const { PATH, GITHUB_ACTIONS, AS_ROOT } = process.env;
writeFileSync(process.env.CALLED, JSON.stringify({ words: process.argv.slice(2), PATH, GITHUB_ACTIONS, AS_ROOT }));
process.exit(Number(process.env.STATUS ?? 0));
`;

function write(name: string, text: string): void {
  mkdirSync(dirname(path(name)), { recursive: true });
  writeFileSync(path(name), text);
  chmodSync(path(name), 0o755);
}

beforeEach(() => {
  write('work/node_modules/powercut/package.json', '{"type":"module"}');
  write('work/node_modules/powercut/dist/bin/powercut.js', CALLED);
  write('bin/id', '#!/bin/sh\necho 1000\n');
  // As secure_path and env_reset do: a PATH of its own, and no environment unless asked for.
  const sudo = ['[ "$1" = -n ] && shift', 'if [ "$1" = --preserve-env ]; then shift; else unset GITHUB_ACTIONS; fi'];
  write('bin/sudo', ['#!/bin/sh', ...sudo, 'AS_ROOT=yes PATH=/usr/bin:/bin exec "$@"', ''].join('\n'));
});

interface Called {
  readonly words: string[];
  readonly PATH: string;
  readonly GITHUB_ACTIONS?: string;
  readonly AS_ROOT?: string;
}

function run(args: string, environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync('bash', [SCRIPT, 'run'], {
    cwd: path('work'),
    encoding: 'utf8',
    env: {
      PATH: `${path('bin')}:${dirname(process.execPath)}:/usr/bin:/bin`,
      GITHUB_OUTPUT: path('output'),
      CALLED: path('called.json'),
      POWERCUT_ARGS: args,
      GITHUB_ACTIONS: 'true',
      ...environment,
    },
  });
  return { status, stdout, stderr };
}

const called = (): Called => JSON.parse(readFileSync(path('called.json'), 'utf8')) as Called;

describe('github-action.sh run', () => {
  it.each([
    ['replay --each-barrier', ['replay', '--each-barrier']],
    [
      "replay\n  --check './check {dir} {count}'\n  --fs xfs\n",
      ['replay', '--check', './check {dir} {count}', '--fs', 'xfs'],
    ],
    [`a "b 'c' d" e\\ f`, ['a', "b 'c' d", 'e f']],
    [
      '$(touch hacked) `touch hacked` $HOME * ; touch hacked',
      ['$(touch', 'hacked)', '`touch', 'hacked`', '$HOME', '*', ';', 'touch', 'hacked'],
    ],
    ['', []],
  ])('hands on the words of %j, and expands nothing', (args, words) => {
    expect(run(args)).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(called().words).toEqual(words);
  });

  it.each([0, 1, 2, 69])('ends with the status %i, and keeps it as an output', (status) => {
    expect(run('replay', { STATUS: String(status) }).status).toBe(status);
    expect(readFileSync(path('output'), 'utf8')).toBe(`exit-code=${status}\n`);
  });

  it('runs as root with the PATH and the environment of the job', () => {
    expect(run('replay', { POWERCUT_SUDO: 'true' })).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(called()).toMatchObject({ AS_ROOT: 'yes', GITHUB_ACTIONS: 'true' });
    expect(called().PATH).toContain(path('bin'));
  });

  it('does not where it shall not', () => {
    run('replay', { POWERCUT_SUDO: 'false' });
    expect(called().AS_ROOT).toBeUndefined();
  });

  it('refuses a quote without its end', () => {
    const { status, stderr } = run("replay --check './check");
    expect(status).toBe(64);
    expect(stderr).toContain('::error title=powercut::the input args has a quote without its end');
  });
});

describe('github-action.sh', () => {
  it('explains itself, and refuses what it does not know', () => {
    const call = (...words: string[]) => spawnSync('bash', [SCRIPT, ...words], { encoding: 'utf8' });
    expect(call('--help')).toMatchObject({ status: 0, stderr: '' });
    expect(call('--help').stdout).toContain('usage: github-action.sh');
    expect(call('walk')).toMatchObject({ status: 64, stdout: '' });
    expect(call('walk').stderr).toContain('unknown argument "walk"');
  });
});
