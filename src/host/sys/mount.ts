/** mount(2) and umount2(2): include/uapi/linux/mount.h. */
import { call } from './libc.ts';

export const MS = { nosuid: 2, nodev: 4, bind: 4096, recursive: 16384, private: 1 << 18 } as const;
const MNT_DETACH = 2;

export interface MountRequest {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  /** MS_* bits. */
  readonly flags: number;
  /** The file system's own options, comma-separated; empty for none. */
  readonly data: string;
}

/** @throws SystemCallError */
export function mount(request: MountRequest): void {
  const { source, target, type, flags, data } = request;
  const text = data === '' ? null : Buffer.from(`${data}\0`, 'utf8');
  call('mount', `${source} on ${target}, type ${type}${data && `, ${data}`}`, source, target, type, flags, text);
}

/** @throws SystemCallError; EBUSY when a process still uses it */
export function unmount(target: string): void {
  call('umount2', target, target, 0);
}

/** Takes the mount out of the tree now and ends it with its last user. */
export function detachMount(target: string): void {
  call('umount2', target, target, MNT_DETACH);
}

/** Puts one file or folder over another. */
export function bindMount(source: string, target: string): void {
  call('mount', `${source} over ${target}`, source, target, null, MS.bind, null);
}
