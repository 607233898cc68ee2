import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { tailKeeper } from '../agent/tail-keeper.ts';
import { killGroup } from '../host/kill-group.ts';
import { withScope } from '../host/scope.ts';
import { scratchFolder } from '../host/scratch.ts';
import { oneLine } from '../one-line.ts';
import { MIB } from '../units.ts';
import { allIsRead, endOf, GUEST_FD, guestStream, spawnGuest } from './guest-process.ts';
import { wordInitramfs } from './initramfs.ts';
import type { GuestKernel } from './kernel.ts';
import { qemuWords, type Accelerator } from './qemu-command.ts';
import { diesWithUs, requirePlatform } from './qemu.ts';

const WORD = 'powercut-runs';
const MEMORY_BYTES = 256 * MIB;
const DEATH_DEADLINE_MS = 2000;

/**
 * Boots a small machine whose first program says a word and switches off. It never takes longer than the deadline and two
 * seconds, whatever QEMU does.
 * @param deadlineMs for the whole life of the machine
 * @returns why it did not run; undefined when it did
 */
export function proveBoot(
  accelerator: Accelerator,
  kernel: GuestKernel,
  deadlineMs: number,
): Promise<string | undefined> {
  const platform = requirePlatform();
  return withScope(async (scope) => {
    const folder = scratchFolder(scope);
    const initramfs = join(folder, 'initramfs');
    writeFileSync(initramfs, wordInitramfs(WORD, platform.architecture));
    const words = qemuWords({
      platform,
      accelerator,
      name: basename(folder),
      memoryBytes: MEMORY_BYTES,
      processors: 1,
      kernel: kernel.image,
      initramfs,
      console: GUEST_FD.console,
      ports: [],
      root: false,
    });
    return watch(diesWithUs([platform.qemu, ...words]), deadlineMs);
  });
}

async function watch(argv: readonly string[], deadlineMs: number): Promise<string | undefined> {
  const child = spawnGuest(argv);
  const said = tailKeeper(guestStream(child, GUEST_FD.console));
  const complaints = tailKeeper(child.stderr!);
  const read = allIsRead(child);
  const ended = endOf(child);
  const inTime = await endsWithin(ended, deadlineMs);
  killGroup(child);
  // What hangs in the kernel does not even die when it is killed, and must not keep us.
  if (await endsWithin(ended, DEATH_DEADLINE_MS)) await read();
  else child.unref();
  for (const stream of child.stdio) stream?.destroy();
  if (said().includes(WORD)) return undefined;
  if (!inTime) return `a machine did not start within ${deadlineMs / 1000} s`;
  return `a machine ended before it had started: ${oneLine(complaints() || said())}`;
}

async function endsWithin(ended: Promise<void>, deadlineMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<false>((resolve) => (timer = setTimeout(resolve, deadlineMs, false)));
  return Promise.race([ended.then(() => true), deadline]).finally(() => clearTimeout(timer));
}
