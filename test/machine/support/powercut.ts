/** The built program as its users run it: a process of its own, told by its words, judged by its streams and status. */
import { spawn, type ChildProcess } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import type { Readable } from 'node:stream';
import { join, resolve } from 'node:path';
import { splitWords } from '../../../src/stores/words.ts';

export const REPOSITORY = resolve(import.meta.dirname, '../../..');
export const CLI = join(REPOSITORY, 'dist/bin/powercut.js');

/** Programs of the examples, as words of a command line. */
export const APPEND_LOG = {
  workload: (...words: readonly (string | number)[]): string =>
    ['node', join(REPOSITORY, 'dist/examples/append-log/workload.js'), '{dir}', ...words].join(' '),
  check: `node ${join(REPOSITORY, 'dist/examples/append-log/check.js')} {dir} {count}`,
  /** Words that have the same check called as a function, without a process. */
  called: ['--config', join(REPOSITORY, 'test/machine/support/append-log.config.mjs')],
};
/** A store that owns its disk. */
export const BLOCK_LOG = {
  workload: (...words: readonly (string | number)[]): string =>
    ['node', join(REPOSITORY, 'dist/examples/block-log/workload.js'), '{device}', ...words].join(' '),
  check: `node ${join(REPOSITORY, 'dist/examples/block-log/check.js')} {device} {count}`,
};
export const SQLITE = {
  program: (name: 'workload' | 'check'): string => join(REPOSITORY, 'examples/sqlite', name),
  workload: (...words: readonly (string | number)[]): string =>
    [SQLITE.program('workload'), '{dir}', ...words].join(' '),
  get check(): string {
    return `${SQLITE.program('check')} {dir} {count}`;
  },
};

export interface RunOptions {
  readonly cwd: string;
  /** Set besides, or instead of, what this process has. */
  readonly env?: Readonly<Record<string, string>>;
  /** Run as this user and the group of the same number, with no other rights; needs root. */
  readonly uid?: number;
}

export interface Run {
  /** null when a signal ended it. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface RunningPowercut {
  readonly pid: number;
  readonly ended: Promise<Run>;
  /** Resolves when standard error has brought this; rejects when the run ends without it. */
  said(pattern: RegExp): Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/** Another file runs beside this one (vitest.config.ts), and two guests keep two cores busy: concurrent tests take turns. */
const RUNS_AT_ONCE = 1;
let running = 0;
const waiting: (() => void)[] = [];

/** Runs powercut to its end. */
export function powercut(words: readonly string[], options: RunOptions): Promise<Run> {
  return runToEnd([process.execPath, CLI, ...words], options);
}

/** Runs a line that powercut printed to be pasted into a shell. */
export function powercutLine(line: string, options: RunOptions): Promise<Run> {
  const [npx, program, ...words] = splitWords(line);
  if (npx !== 'npx' || program !== 'powercut') throw new Error(`this does not begin with "npx powercut": ${line}`);
  return powercut(words, options);
}

/** The same for any program, such as a shell that runs powercut. */
export async function runToEnd(argv: readonly string[], options: RunOptions): Promise<Run> {
  if (running >= RUNS_AT_ONCE) await new Promise<void>((resume) => waiting.push(resume));
  else running++;
  try {
    return await start(argv, options).ended;
  } finally {
    // The next one gets this one's place.
    const resume = waiting.shift();
    if (resume) resume();
    else running--;
  }
}

/** For those that are not to run to their end. They take no turns. */
export function startPowercut(words: readonly string[], options: RunOptions): RunningPowercut {
  return start([process.execPath, CLI, ...words], options);
}

function start(argv: readonly string[], options: RunOptions): RunningPowercut {
  const started = performance.now();
  const child = spawnAs(argv, options);
  const stdout = keep(child.stdout!);
  const stderr = keep(child.stderr!);
  const ended = new Promise<Run>((settle, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      settle({ status, stdout: stdout(), stderr: stderr(), ms: Math.round(performance.now() - started) });
    });
  });
  return {
    pid: child.pid!,
    ended,
    said: (pattern) => said(child, ended, stderr, pattern),
    kill: (signal) => void child.kill(signal),
  };
}

function spawnAs(argv: readonly string[], { cwd, env, uid }: RunOptions): ChildProcess {
  // setpriv becomes the program that it starts, so the pid is powercut's own either way.
  const user = uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
  const [program = '', ...rest] = [...user, ...argv];
  return spawn(program, rest, {
    cwd,
    // What reporters there are by default must not depend on who runs the tests.
    env: { ...process.env, GITHUB_ACTIONS: '', ...(uid !== undefined && { HOME: cwd }), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function keep(stream: Readable): () => string {
  const chunks: string[] = [];
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => chunks.push(chunk));
  return () => chunks.join('');
}

async function said(child: ChildProcess, ended: Promise<Run>, stderr: () => string, pattern: RegExp): Promise<void> {
  const heard = new Promise<true>((settle) => {
    const look = (): void => void (pattern.test(stderr()) && settle(true));
    child.stderr!.on('data', look);
    look();
  });
  const run = await Promise.race([heard, ended]);
  if (run !== true && !pattern.test(run.stderr)) {
    throw new Error(`powercut ended with ${run.status} and never said ${pattern}:\n${run.stderr}`);
  }
}
