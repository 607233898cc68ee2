import { fsckVerdict } from '../checks/filesystem-outcome.ts';
import { errorTail, howItEnded } from '../checks/outcome.ts';
import type { Verdict } from '../checks/verdict.ts';
import type { Filesystem, FsckOutcome } from '../filesystems/filesystem.ts';
import { searchPath } from '../host/find-program.ts';
import type { BlockDevice } from '../host/block-device.ts';
import { runCommand } from '../host/run-command.ts';
import { flushBlockDevice } from '../host/sys/block-cache.ts';

const OUTPUT_BYTES_MAX = 1 << 20;

/**
 * The verdict of the file system's own checker on an unmounted device. One that hangs on a crash state, or dies of it, has
 * judged that state only: it is unknown, and the run goes on.
 */
export async function runFsck(
  filesystem: Filesystem,
  { fd, path }: Pick<BlockDevice, 'fd' | 'path'>,
  timeoutMs: number,
): Promise<Verdict> {
  const argv = filesystem.fsck(path);
  if (argv.length === 0) return { kind: 'ok' };
  // btrfs writes past the device's page cache; what somebody has read of it meanwhile would be what the checker sees.
  flushBlockDevice(fd, path);
  return runChecker({ argv, outcome: filesystem.fsckOutcome.bind(filesystem) }, 'fsck-clean', timeoutMs);
}

/** The verdict of the repair that must come before mounting, where one must; ok when the device can be mounted. */
export async function runRepair(
  { repair }: Pick<Filesystem, 'repair'>,
  device: string,
  timeoutMs: number,
): Promise<Verdict> {
  if (repair === undefined) return { kind: 'ok' };
  const outcome = repair.outcome.bind(repair);
  return runChecker({ argv: repair.argv(device), outcome }, 'fsck-repairs', timeoutMs);
}

interface Checker {
  readonly argv: readonly string[];
  readonly outcome: (exitStatus: number, transcript: string) => FsckOutcome;
}

async function runChecker(
  { argv, outcome }: Checker,
  invariant: 'fsck-clean' | 'fsck-repairs',
  timeoutMs: number,
): Promise<Verdict> {
  const run = await runCommand(argv, {
    cwd: '/',
    env: { LC_ALL: 'C', PATH: searchPath() },
    timeoutMs,
    stdoutBytesMax: OUTPUT_BYTES_MAX,
  });
  if (run.exitStatus === null || run.timedOut) {
    return { kind: 'unknown', reason: `${argv.join(' ')} ${howItEnded(run)}${errorTail(run)}` };
  }
  const output = `${run.stdout}\n${run.stderr}`;
  return fsckVerdict(outcome(run.exitStatus, output), argv, run.exitStatus, output, invariant);
}
