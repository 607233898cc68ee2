import { beforeAll } from 'vitest';
import { call } from '../../../src/host/sys/libc.ts';
import { mount, MS } from '../../../src/host/sys/mount.ts';

const CLONE_NEWNS = 0x20000;

/**
 * For a test file that mounts by itself, to be called once: its mounts are seen by nobody else. A namespace that is made
 * meanwhile, as every engine makes one, would get a copy of them and keep the file system alive behind our unmount.
 */
export function useOwnMounts(): void {
  beforeAll(() => {
    if (process.geteuid?.() !== 0) return;
    call('unshare', 'CLONE_NEWNS', CLONE_NEWNS);
    mount({ source: 'none', target: '/', type: 'none', flags: MS.recursive | MS.private, data: '' });
  });
}
