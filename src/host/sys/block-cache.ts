/** The page cache of a block device: block/ioctl.c and block/bdev.c of the kernel. */
import { call, SystemCallError } from './libc.ts';

const BLKFLSBUF = 0x1261;
/** _IOR(0x12, 112, size_t) and _IOW(0x12, 113, size_t); what they take is an int. */
const BLKBSZGET = 0x80081270;
const BLKBSZSET = 0x40081271;

/** One of them is another size than any, and possible on any device but one of 4096-byte sectors before Linux 6.15. */
const OTHER_SIZES = [512, 1024, 8192];

/**
 * Writes back what the kernel has cached of a block device, and drops it, also what somebody is reading just now or has
 * mapped. BLKFLSBUF alone (invalidate_bdev()) passes over a page that is in use; with another size of its blocks the cache
 * begins anew (set_blocksize()). The size is then put back. Where the device knows no other, or something has it mounted, it
 * is BLKFLSBUF after all.
 */
export function flushBlockDevice(fd: number, name: string): void {
  const size = Buffer.alloc(8);
  call('ioctl', `${name}, BLKBSZGET`, fd, BLKBSZGET, size);
  const usual = size.readUInt32LE(0);
  const isForgotten = OTHER_SIZES.some((other) => other !== usual && setBlockSize(fd, name, other));
  if (!isForgotten || !setBlockSize(fd, name, usual)) call('ioctlNumber', `${name}, BLKFLSBUF`, fd, BLKFLSBUF, 0);
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
