import { closeSync, openSync, readFileSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { StepError } from '../errors.ts';
import { blockNode, type BlockDevice } from './block-device.ts';
import { clearLoop, configureLoop, freeLoopNumber } from './sys/loop.ts';

const ATTEMPTS = 100;

/**
 * Attaches a file as a block device for as long as that is held open.
 * @param nodeFolder where to make a node when /dev has none (containers)
 * @param blockBytes logical block size of the device, 512 or 4096
 * @throws StepError when no loop device is to be had
 */
export function attachLoop(file: string, nodeFolder: string, blockBytes: number): BlockDevice {
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

function openLoop(number: number, nodeFolder: string): BlockDevice {
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
