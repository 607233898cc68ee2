/** The page cache of a block device: block/ioctl.c and block/bdev.c of the kernel. */
import { call, SystemCallError } from './libc.ts';

const BLKFLSBUF = 0x1261;
/** _IOR(0x12, 112, size_t) and _IOW(0x12, 113, size_t); what they take is an int. */
const BLKBSZGET = 0x80081270;
const BLKBSZSET = 0x40081271;

/** Drops what the kernel has cached of a block device, after writing it back; all but what somebody is reading just now. */
export function flushBlockDevice(fd: number, name: string): void {
  call('ioctlNumber', `${name}, BLKFLSBUF`, fd, BLKFLSBUF, 0);
}

/** One of them is another size than any, and possible on any device but one of 4096-byte sectors before Linux 6.15. */
const OTHER_SIZES = [512, 1024, 8192];

/**
 * Writes back and drops all of it, whoever reads or has it mapped: with another size of its blocks the cache begins anew (set_blocksize();
 * BLKFLSBUF's invalidate_bdev() passes over a page that is in use). The size is then put back.
 * @returns false where the device knows no other size, or something has it mounted
 */
export function forgetBlockDevice(fd: number, name: string): boolean {
  const size = Buffer.alloc(8);
  call('ioctl', `${name}, BLKBSZGET`, fd, BLKBSZGET, size);
  const usual = size.readUInt32LE(0);
  if (!OTHER_SIZES.some((other) => other !== usual && setBlockSize(fd, name, other))) return false;
  return setBlockSize(fd, name, usual);
}

function setBlockSize(fd: number, name: string, bytes: number): boolean {
  const size = Buffer.alloc(8);
  size.writeUInt32LE(bytes);
  try {
    call('ioctl', `${name}, BLKBSZSET, ${bytes}`, fd, BLKBSZSET, size);
    return true;
  } catch (error) {
    if (error instanceof SystemCallError && (error.code === 'EINVAL' || error.code === 'EBUSY')) return false;
    throw error;
  }
}
