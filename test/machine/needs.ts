import { closeSync, existsSync, readFileSync } from 'node:fs';
import { findProgram } from '../../src/host/find-program.ts';
import { messageOf } from '../../src/errors.ts';
import { umlObstacle } from '../../src/guest/uml.ts';
import { listTargets, openControl } from '../../src/host/sys/device-mapper.ts';
import type { BlockTracer } from '../../src/tracer/tracer.ts';

/** Why a test that needs loop devices and this file system cannot run here; undefined when it can. */
export function obstacleTo(filesystem: string): string | undefined {
  if (process.geteuid?.() !== 0) return 'needs root';
  if (!existsSync('/dev/loop-control')) return 'needs loop devices';
  const known = readFileSync('/proc/filesystems', 'utf8').split('\n');
  if (!known.some((line) => line.split('\t').at(-1) === filesystem)) return `this kernel has no ${filesystem}`;
  return findProgram(`mkfs.${filesystem}`) ? undefined : `needs mkfs.${filesystem}`;
}

/** Why nothing can be recorded here; undefined when this kernel can, or a guest. */
export function obstacleToRecording(): string | undefined {
  return thisKernelRecords() ? undefined : umlObstacle();
}

/** Whether dm-log-writes is loaded: `modprobe dm-log-writes` before the tests. */
function thisKernelRecords(): boolean {
  try {
    const control = openControl();
    try {
      return listTargets(control).has('log-writes');
    } finally {
      closeSync(control);
    }
  } catch {
    return false;
  }
}

/** Why a tracer cannot be had here. */
export function obstacleToTracer(open: () => BlockTracer): string | undefined {
  try {
    open().close();
    return undefined;
  } catch (error) {
    return messageOf(error).split('\n', 1)[0];
  }
}
