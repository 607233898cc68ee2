import type { Filesystem } from './filesystem.ts';

/** Whether it tells the disk of each block that it needs no more. The last of several options counts, as for mount(8). */
export function discards({ discardsByDefault }: Filesystem, mountOptions: readonly string[]): boolean {
  const said = mountOptions.findLast((option) => /^(no)?discard(=|$)/.test(option));
  return said === undefined ? discardsByDefault === true : !said.startsWith('no');
}
