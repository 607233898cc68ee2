import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeBlockNode } from './sys/file.ts';

/** A block device of ours, as long as it is not released. */
export interface BlockDevice {
  /** As the kernel names it in its messages: `loop3`. */
  readonly name: string;
  /** A node that leads to it. */
  readonly path: string;
  readonly major: number;
  readonly minor: number;
  /** Open for reading and writing. */
  readonly fd: number;
  release(): void;
}

/** A node for a block device: the one in /dev where it leads to that device, else one of our own. */
export function blockNode(
  name: string,
  major: number,
  minor: number,
  nodeFolder: string,
): { path: string; made: boolean } {
  const usual = join('/dev', name);
  if (existsSync(usual)) {
    const rdev = statSync(usual).rdev;
    if (((rdev >> 8) & 0xfff) === major && ((rdev & 0xff) | ((rdev >>> 12) & 0xfff00)) === minor) {
      return { path: usual, made: false };
    }
  }
  const path = join(nodeFolder, name);
  if (!existsSync(path)) makeBlockNode(path, major, minor);
  return { path, made: true };
}
