/** tracefs: Documentation/trace/ftrace.rst, fs/tracefs/inode.c. */
import { accessSync, closeSync, constants, existsSync, mkdirSync, readdirSync, rmdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { belongsToTheDead } from '../owner.ts';
import { systemCall } from './system-call.ts';

const TRACEFS_MAGIC = 0x74726163;
const MOUNTED_AT = '/sys/kernel/tracing';
const FSOPEN_CLOEXEC = 1;
const FSCONFIG_CMD_CREATE = 6;
const FSMOUNT_CLOEXEC = 1;

const fsopen = systemCall('fsopen', 'const char *name, uint32_t flags');
const fsconfig = systemCall('fsconfig', 'int fd, uint32_t command, const char *key, const void *value, int number');
const fsmount = systemCall('fsmount', 'int fd, uint32_t flags, uint32_t attributes');

export interface Tracefs {
  /** A path that leads to it, in this process, until it is closed. */
  readonly root: string;
  close(): void;
}

/**
 * The machine's tracefs where it is mounted, else a mount of it that is attached nowhere: nobody else sees it and it goes
 * with its file descriptor. (Instances in it are the kernel's and stay.)
 * @throws SystemCallError when the kernel has none (ENODEV) or the caller no right to it (EPERM; EACCES where it is
 *   mounted, which systemd does on every machine that it starts)
 */
export function openTracefs(): Tracefs {
  if (existsSync(MOUNTED_AT) && statfsSync(MOUNTED_AT).type === TRACEFS_MAGIC) {
    accessSync(join(MOUNTED_AT, 'instances'), constants.R_OK);
    return { root: MOUNTED_AT, close: () => undefined };
  }
  const context = fsopen('tracefs', 'tracefs', FSOPEN_CLOEXEC);
  try {
    fsconfig('tracefs', context, FSCONFIG_CMD_CREATE, null, null, 0);
    const fd = fsmount('tracefs', context, FSMOUNT_CLOEXEC, 0);
    return { root: `/proc/self/fd/${fd}`, close: () => closeSync(fd) };
  } finally {
    closeSync(context);
  }
}

/** A separate set of trace buffers and event switches, which nobody else's tracing disturbs. @returns its folder */
export function createInstance({ root }: Tracefs, name: string): string {
  const folder = join(root, 'instances', name);
  mkdirSync(folder);
  return folder;
}

export function listInstances({ root }: Tracefs): string[] {
  return readdirSync(join(root, 'instances'));
}

/** Those that killed runs left behind. */
export function deadInstances(tracefs: Tracefs): string[] {
  return listInstances(tracefs).filter(belongsToTheDead);
}

/** @throws EBUSY while somebody has one of its files open */
export function removeInstance({ root }: Tracefs, name: string): void {
  if (!name.startsWith('powercut-'))
    throw new Error(`refusing to remove the trace instance "${name}": powercut did not create it`);
  rmdirSync(join(root, 'instances', name));
}
