import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { messageOf } from '../errors.ts';
import { endDescendants, trackChild } from './descendants.ts';

/** How a user's command ended. */
export interface CommandRun {
  /** null when a signal ended it, or when it could not be started. */
  readonly exitStatus: number | null;
  /** Name of the signal that ended it (`SIGSEGV`), null when none did. */
  readonly signal: string | null;
  /** It was still running at its limit, and was killed for it. */
  readonly timedOut: boolean;
  /** Its limit, milliseconds. */
  readonly timeoutMs: number;
  /** Standard output, the first 64 KiB unless more was asked for. */
  readonly stdout: string;
  /** Standard output was longer than that. */
  readonly stdoutCut?: boolean;
  /** Standard error, the last 64 KiB. */
  readonly stderr: string;
}

export interface CommandOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** How much of standard output is kept, bytes; 64 KiB unless given. */
  readonly stdoutBytesMax?: number;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

const OUTPUT_BYTES = 64 * 1024;

/**
 * Runs one of the user's commands to its end or its time limit, then ends whatever it left running: what a crash state's
 * check starts must not outlive the crash state. Only one such command runs at a time in a process.
 *
 * Not execa: it settles when the output is closed, and a daemon that inherited the pipe would hold that up for ever.
 */
export async function runCommand(argv: readonly string[], options: CommandOptions): Promise<CommandRun> {
  const { timeoutMs } = options;
  try {
    return await toItsEnd(start(argv, options), timeoutMs, options.stdoutBytesMax ?? OUTPUT_BYTES);
  } catch (error) {
    const stderr = `cannot start ${argv[0]}: ${messageOf(error)}`;
    return { exitStatus: null, signal: null, timedOut: false, timeoutMs, stdout: '', stderr };
  }
}

function start([program = '', ...rest]: readonly string[], { cwd, env }: CommandOptions): Child {
  // A process group of its own: a Ctrl-C is for powercut, which then ends the command itself.
  return trackChild(spawn(program, rest, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true }));
}

/** @throws when it could not be started: spawn() throws for some reasons and tells others by an event */
function toItsEnd(child: Child, timeoutMs: number, stdoutBytesMax: number): Promise<CommandRun> {
  const stdout = keepHead(child.stdout, stdoutBytesMax);
  const stderr = keepTail(child.stderr);
  let timedOut = false;
  const endings: Promise<unknown>[] = [];
  const timer = setTimeout(() => {
    timedOut = true;
    endings.push(endDescendants());
  }, timeoutMs);
  return new Promise<CommandRun>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => endings.push(endDescendants()));
    child.once('close', (exitStatus, signal) => {
      const { text, cut } = stdout();
      const run = { exitStatus, signal, timedOut, timeoutMs, stdout: text, stdoutCut: cut, stderr: stderr() };
      // What is still ending descendants would end those of the next command as well.
      resolve(Promise.all(endings).then(() => run));
    });
  }).finally(() => clearTimeout(timer));
}

function keepHead(stream: Readable, bytesMax: number): () => { text: string; cut: boolean } {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    if (bytes < bytesMax) chunks.push(chunk);
    bytes += chunk.length;
  });
  return () => ({ text: Buffer.concat(chunks).subarray(0, bytesMax).toString('utf8'), cut: bytes > bytesMax });
}

function keepTail(stream: Readable): () => string {
  let kept = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]).subarray(-OUTPUT_BYTES);
  });
  return () => kept.toString('utf8');
}
