import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { TestContext } from 'vitest';
import { umlObstacle } from '../../../src/guest/uml.ts';
import { findProgram } from '../../../src/host/find-program.ts';
import { CLI } from './powercut.ts';

export type Need = 'root' | 'guest' | 'native replay' | 'ext4' | 'xfs' | 'btrfs' | 'python3 with sqlite3';

const OBSTACLES: Record<Need, () => string | undefined> = {
  root: () => (process.geteuid?.() === 0 ? undefined : 'not root'),
  guest: umlObstacle,
  'native replay': () => {
    if (process.geteuid?.() !== 0) return 'not root';
    return existsSync('/dev/loop-control') ? undefined : 'no loop devices (modprobe loop)';
  },
  ext4: () => obstacleOf('ext4', 'mkfs.ext4', 'e2fsprogs'),
  xfs: () => obstacleOf('xfs', 'mkfs.xfs', 'xfsprogs'),
  btrfs: () => obstacleOf('btrfs', 'mkfs.btrfs', 'btrfs-progs'),
  'python3 with sqlite3': () => (succeeds('python3', '-c', 'import sqlite3') ? undefined : 'no python3 with sqlite3'),
};

/**
 * Ends the test as skipped, and says why, when something that it needs is not to be had here. With POWERCUT_REQUIRE_ALL=1
 * (continuous integration that is known to have everything) the test fails instead: a suite that skips itself away is green.
 */
export function requirement(context: TestContext, ...needs: readonly Need[]): void {
  if (!existsSync(CLI)) throw new Error(`${CLI} is missing: npm run build`);
  for (const need of needs) {
    const obstacle = OBSTACLES[need]();
    if (obstacle !== undefined) missing(context, `${need}: ${obstacle}`);
  }
}

/** The same for what only trying tells. */
export function missing(context: TestContext, reason: string): never {
  if (process.env['POWERCUT_REQUIRE_ALL'] === '1') throw new Error(`POWERCUT_REQUIRE_ALL=1, but ${reason}`);
  process.stderr.write(`skipped: ${context.task.name}: ${reason}\n`);
  context.skip(reason);
}

/** Ends the test as skipped unless all are asked for, so that `npm test` stays a matter of minutes: npm run test:long. */
export function longTest(context: TestContext): void {
  if (process.env['POWERCUT_LONG_TESTS'] === '1') return;
  process.stderr.write(`skipped: ${context.task.name}: long, see npm run test:long\n`);
  context.skip('long, see npm run test:long');
}

/** A file system on the kernel that replays, and its mkfs; that the guest's kernel has it comes with the guest. */
function obstacleOf(filesystem: string, mkfs: string, debianPackage: string): string | undefined {
  if (!findProgram(mkfs)) return `no ${mkfs} (Debian, Ubuntu: apt-get install ${debianPackage})`;
  const known = readFileSync('/proc/filesystems', 'utf8').split('\n');
  const isKnown = known.some((line) => line.split('\t').at(-1) === filesystem);
  return isKnown || succeeds('modprobe', '-q', filesystem) ? undefined : `this kernel has no ${filesystem}`;
}

function succeeds(program: string, ...words: readonly string[]): boolean {
  try {
    execFileSync(program, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
