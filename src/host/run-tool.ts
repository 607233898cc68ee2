import { execa } from 'execa';
import { StepError } from '../errors.ts';
import { trackChild } from './descendants.ts';
import { searchPath } from './find-program.ts';

export interface ToolRun {
  readonly exitStatus: number;
  /** Standard output and error, interleaved. */
  readonly output: string;
}

const TOOL_TIMEOUT_MS = 300_000;
const TAIL_LINES = 12;

/** Runs one of the system's own programs (mkfs, fsck). @throws StepError when it cannot be started or does not end */
export async function runTool(argv: readonly string[]): Promise<ToolRun> {
  const [program = '', ...rest] = argv;
  const running = execa(program, rest, {
    reject: false,
    all: true,
    stdin: 'ignore',
    timeout: TOOL_TIMEOUT_MS,
    maxBuffer: 1 << 20,
    env: { LC_ALL: 'C', PATH: searchPath() },
  });
  const result = await trackChild(running);
  if (result.exitCode === undefined) {
    throw new StepError('tool-failed', `${argv.join(' ')}: ${result.shortMessage ?? 'did not end normally'}`);
  }
  return { exitStatus: result.exitCode, output: result.all };
}

/** The same, for a program that must succeed. @throws StepError with the end of its output */
export async function requireTool(argv: readonly string[], purpose: string): Promise<string> {
  const { exitStatus, output } = await runTool(argv);
  if (exitStatus === 0) return output;
  const tail = output.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
  throw new StepError('tool-failed', `${purpose} failed: ${argv.join(' ')} exited with ${exitStatus}\n${tail}`);
}
