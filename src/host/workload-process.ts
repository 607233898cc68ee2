import { spawn, type ChildProcess } from 'node:child_process';
import { trackChild } from './descendants.ts';

export interface WorkloadCommand {
  /** Placeholders filled in. */
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** The descriptors that it gets; they stay the caller's to close. */
export interface WorkloadPipes {
  readonly stdout: number;
  readonly stderr: number;
  /** Where it reads the replies to what it prints. */
  readonly replies: number;
}

/** Descriptor number, in the workload, of the pipe on which replies come; a promise of the store contract. */
const REPLY_FD = 3;

/** Starts a workload by the store contract, in a process group of its own. */
export function spawnWorkload({ argv, cwd, env }: WorkloadCommand, pipes: WorkloadPipes): ChildProcess {
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, {
    cwd,
    env: { ...env, POWERCUT_ACK_REPLY: String(REPLY_FD) },
    stdio: ['ignore', pipes.stdout, pipes.stderr, pipes.replies],
    detached: true,
  });
  return trackChild(child);
}

/** Settles when it has ended. @returns why it failed, undefined when it did not */
export function endOfWorkload(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`it could not be started: ${error.message}`));
    child.once('exit', (status, signal) => {
      resolve(status === 0 ? undefined : signal ? `it was ended by ${signal}` : `it exited with ${status}`);
    });
  });
}
