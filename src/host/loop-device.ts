import { closeSync, existsSync, openSync, readFileSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { StepError } from '../errors.ts';
import { makeBlockNode } from './sys/file.ts';
import { clearLoop, configureLoop, freeLoopNumber } from './sys/loop.ts';

/** A file attached as a block device for as long as it is held open. */
export interface LoopDevice {
  /** As the kernel names it in its messages: `loop3`. */
  readonly name: string;
  /** A node that leads to it. */
  readonly path: string;
  readonly major: number;
  readonly minor: number;
  readonly fd: number;
  release(): void;
}

const ATTEMPTS = 100;

/**
 * Attaches a file.
 * @param nodeFolder where to make a node when /dev has none (containers)
 * @param blockBytes logical block size of the device, 512 or 4096
 * @throws StepError when no loop device is to be had
 */
export function attachLoop(file: string, nodeFolder: string, blockBytes: number): LoopDevice {
  const backingFd = openSync(file, 'r+');
  try {
    // Others attach loop devices too: between asking for a free one and taking it, it may be gone.
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const device = openLoop(freeLoopNumber(), nodeFolder);
      if (configureLoop(device.fd, backingFd, file, blockBytes)) return device;
      device.release();
    }
  } finally {
    closeSync(backingFd);
  }
  throw new StepError('no-loop', `no free loop device for ${file} after ${ATTEMPTS} attempts: see \`losetup --list\``);
}

function openLoop(number: number, nodeFolder: string): LoopDevice {
  const name = `loop${number}`;
  const [major = 7, minor = number] = deviceNumbers(name);
  const { path, made } = blockNode(name, major, minor, nodeFolder);
  const fd = openSync(path, 'r+');
  const release = (): void => {
    closeSync(fd);
    if (made) unlinkSync(path);
  };
  return { name, path, major, minor, fd, release };
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

/** Detaches a loop device that a dead process left, by name. */
export function detachLoop(name: string): void {
  const fd = openSync(join('/dev', name), 'r+');
  try {
    clearLoop(fd);
  } finally {
    closeSync(fd);
  }
}

// With max_part set the minor is not the loop device's number, so the kernel is asked.
function deviceNumbers(name: string): number[] {
  try {
    return readFileSync(`/sys/block/${name}/dev`, 'latin1').trim().split(':').map(Number);
  } catch {
    return [];
  }
}
