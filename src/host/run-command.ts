import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { endDescendants } from './descendants.ts';

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

const OUTPUT_BYTES = 64 * 1024;

/**
 * Runs one of the user's commands to its end or its time limit, then ends whatever it left running: what a crash state's
 * check starts must not outlive the crash state. Only one such command runs at a time in a process.
 *
 * Not execa: it settles when the output is closed, and a daemon that inherited the pipe would hold that up for ever.
 */
export function runCommand(argv: readonly string[], options: CommandOptions): Promise<CommandRun> {
  return new Promise((resolve) => {
    const { timeoutMs } = options;
    const [program = '', ...rest] = argv;
    // A process group of its own: a Ctrl-C is for powercut, which then ends the command itself.
    const child = spawn(program, rest, {
      cwd: options.cwd,
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const stdout = keepHead(child.stdout, options.stdoutBytesMax ?? OUTPUT_BYTES);
    const stderr = keepTail(child.stderr);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      void endDescendants();
    }, timeoutMs);
    const settle = (exitStatus: number | null, signal: string | null, why = ''): void => {
      clearTimeout(timer);
      const { text, cut } = stdout();
      resolve({ exitStatus, signal, timedOut, timeoutMs, stdout: text, stdoutCut: cut, stderr: stderr() + why });
    };
    child.once('error', (error) => settle(null, null, `cannot start ${program}: ${error.message}`));
    child.once('exit', () => void endDescendants());
    child.once('close', (exitStatus, signal) => settle(exitStatus, signal));
  });
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
