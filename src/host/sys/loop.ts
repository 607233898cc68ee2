/** Loop devices: include/uapi/linux/loop.h. LOOP_CONFIGURE needs Linux 5.8. */
import { closeSync, openSync } from 'node:fs';
import { call, SystemCallError } from './libc.ts';

const LOOP_CONFIGURE = 0x4c0a;
const LOOP_CLR_FD = 0x4c01;
const LOOP_CTL_GET_FREE = 0x4c82;
const LO_FLAGS_AUTOCLEAR = 4;

/** struct loop_config: u32 fd, u32 block_size, struct loop_info64 (232 bytes, lo_flags at its byte 52). */
const CONFIG_BYTES = 304;
const BLOCK_SIZE_AT = 4;
const FLAGS_AT = 8 + 52;
const FILE_NAME_AT = 8 + 56;
const FILE_NAME_BYTES = 64;

/** The number of a loop device that was free a moment ago. */
export function freeLoopNumber(): number {
  const control = openSync('/dev/loop-control', 'r+');
  try {
    return call('ioctlNumber', '/dev/loop-control, LOOP_CTL_GET_FREE', control, LOOP_CTL_GET_FREE, 0);
  } finally {
    closeSync(control);
  }
}

/**
 * Puts a file behind an open loop device. The device detaches itself with its last close (AUTOCLEAR), so that a killed
 * process leaves none behind.
 * @returns false when another process took the device first
 */
export function configureLoop(deviceFd: number, backingFd: number, name: string, blockBytes: number): boolean {
  const config = Buffer.alloc(CONFIG_BYTES);
  config.writeUInt32LE(backingFd, 0);
  config.writeUInt32LE(blockBytes, BLOCK_SIZE_AT);
  config.writeUInt32LE(LO_FLAGS_AUTOCLEAR, FLAGS_AT);
  config.write(name.slice(-(FILE_NAME_BYTES - 1)), FILE_NAME_AT, 'latin1');
  try {
    call('ioctl', `${name}, LOOP_CONFIGURE`, deviceFd, LOOP_CONFIGURE, config);
    return true;
  } catch (error) {
    if (error instanceof SystemCallError && error.code === 'EBUSY') return false;
    throw error;
  }
}

/** Detaches at once, or with the last close when somebody still holds the device. */
export function clearLoop(deviceFd: number): void {
  call('ioctlNumber', 'LOOP_CLR_FD', deviceFd, LOOP_CLR_FD, 0);
}
