/** Real commands, each in a process of its own as an engine has it: see run-command-program.ts. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CommandRun } from '../../src/host/run-command.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const RUNNER = join(import.meta.dirname, '..', 'support', 'run-typescript.mjs');
const PROGRAM = join(import.meta.dirname, 'run-command-program.ts');
const LIMIT_BYTES = 64 * 1024;
const path = useTemporaryFolder();

interface Wish {
  readonly stdoutBytesMax?: number;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

function run(
  argv: readonly string[],
  { timeoutMs = 30_000, env = {}, cwd = path(), ...more }: Wish = {},
): Promise<CommandRun> {
  const options = { cwd, timeoutMs, env: { PATH: process.env['PATH'], ...env }, ...more };
  const child = spawn(process.execPath, [RUNNER, PROGRAM, JSON.stringify(argv), JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(JSON.parse(output) as CommandRun));
  });
}

const sh = (script: string, wish?: Wish): Promise<CommandRun> => run(['sh', '-c', script], wish);

/** Of a process whose number a command wrote down. Gone, or ended and not collected yet by whoever inherited it. */
function hasEnded(pidFile: string): boolean {
  const pid = readFileSync(path(pidFile), 'utf8').trim();
  expect(pid).toMatch(/^\d+$/);
  try {
    return /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

describe('runCommand', () => {
  it('tells exit status and both outputs', async () => {
    expect(await sh('echo out; echo err >&2; exit 3')).toEqual({
      exitStatus: 3,
      signal: null,
      timedOut: false,
      timeoutMs: 30_000,
      stdout: 'out\n',
      stdoutCut: false,
      stderr: 'err\n',
    });
  });

  it('tells the signal that ended it', async () => {
    expect(await sh('kill -SEGV $$')).toMatchObject({ exitStatus: null, signal: 'SIGSEGV', timedOut: false });
  });

  it('passes words as they are, in the folder and environment that it is given and no other', async () => {
    const { stdout } = await run(['sh', '-c', 'pwd; echo "$1|$FOO|$HOME"', 'sh', "a  b'$x"], { env: { FOO: 'bar' } });
    expect(stdout).toBe(`${path()}\na  b'$x|bar|\n`);
  });

  it('gives it an empty standard input', async () => {
    expect(await sh('cat; echo end')).toMatchObject({ exitStatus: 0, stdout: 'end\n' });
  });

  it('ends it at its limit', async () => {
    expect(await sh('echo started; exec sleep 600', { timeoutMs: 300 })).toMatchObject({
      exitStatus: null,
      signal: 'SIGKILL',
      timedOut: true,
      timeoutMs: 300,
      stdout: 'started\n',
    });
  });

  it('ends at its limit what it started in sessions of their own', async () => {
    const run = await sh('setsid sh -c "echo \\$\\$ > pid; exec sleep 600" & sleep 600', { timeoutMs: 1000 });
    expect(run.timedOut).toBe(true);
    expect(hasEnded('pid')).toBe(true);
  });

  it('ends what it left running, and is not held up by a daemon that keeps its output open', async () => {
    const run = await sh(
      'setsid sh -c "echo \\$\\$ > pid; exec sleep 600" & while ! test -s pid; do :; done; echo done; exit 1',
    );
    expect(run).toMatchObject({ exitStatus: 1, timedOut: false, stdout: 'done\n' });
    expect(hasEnded('pid')).toBe(true);
  });

  it('ends a grandchild whose parent is gone', async () => {
    const run = await sh('(setsid sh -c "echo \\$\\$ > pid; exec sleep 600" &) & while ! test -s pid; do :; done');
    expect(run).toMatchObject({ exitStatus: 0, timedOut: false });
    expect(hasEnded('pid')).toBe(true);
  });

  it('keeps 64 KiB of output unless more is asked for, and says when it was cut', async () => {
    const print = (bytes: number): string[] => ['head', '-c', String(bytes), '/dev/zero'];
    const short = await run(print(65_536));
    expect([short.stdout.length, short.stdoutCut]).toEqual([65_536, false]);
    const cut = await run(print(65_537));
    expect([cut.stdout.length, cut.stdoutCut]).toEqual([65_536, true]);
    const whole = await run(print(3_000_000), { stdoutBytesMax: 3_000_000 });
    expect([whole.stdout.length, whole.stdoutCut]).toEqual([3_000_000, false]);
  });

  it('keeps the beginning of standard output and the end of standard error', async () => {
    const lines = (to: string): string => `i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done ${to}`;
    const { exitStatus, stdout, stderr } = await sh(`${lines('')}; ${lines('>&2')}`);
    expect(exitStatus).toBe(0);
    expect(Buffer.byteLength(stdout)).toBe(LIMIT_BYTES);
    expect(stdout.startsWith('line 0\nline 1\n')).toBe(true);
    expect(Buffer.byteLength(stderr)).toBe(LIMIT_BYTES);
    expect(stderr.endsWith('line 19998\nline 19999\n')).toBe(true);
  });

  it.each([
    ['is not there', ['./no-such-program'], 'cannot start ./no-such-program: spawn ./no-such-program ENOENT'],
    ['may not be executed', ['/etc/passwd'], 'cannot start /etc/passwd: spawn /etc/passwd EACCES'],
  ])('says so when the program %s', async (_, argv, message) => {
    expect(await run(argv)).toMatchObject({
      exitStatus: null,
      signal: null,
      timedOut: false,
      stdout: '',
      stderr: message,
    });
  });

  it('says so when the folder to run it in is none', async () => {
    writeFileSync(path('file'), '');
    const run = await sh('true', { cwd: path('file') });
    expect(run).toMatchObject({ exitStatus: null, signal: null, stderr: 'cannot start sh: spawn ENOTDIR' });
  });
});
