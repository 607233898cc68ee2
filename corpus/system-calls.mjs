/** What Node has no function for. */
import koffi from 'koffi';

const libc = koffi.load(null);
const mmapCall = libc.func(
  'void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)',
);
const msyncCall = libc.func('int msync(void *address, size_t length, int flags)');
const syncFileRangeCall = libc.func('int sync_file_range(int fd, int64_t offset, int64_t bytes, unsigned int flags)');
const syncfsCall = libc.func('int syncfs(int fd)');

const READ_WRITE = 1 | 2;
const MAP_SHARED = 1;
const MAP_PRIVATE_ANONYMOUS = 2 | 0x20;
const MS_SYNC = 4;
const WAIT_BEFORE_WRITE_WAIT_AFTER = 1 | 2 | 4;

/** @param fd of a file to map; without one, page-aligned memory of its own, as O_DIRECT wants it */
export function map(bytes, fd) {
  const address = mmapCall(null, bytes, READ_WRITE, fd === undefined ? MAP_PRIVATE_ANONYMOUS : MAP_SHARED, fd ?? -1, 0);
  if (koffi.address(address) === 0xffff_ffff_ffff_ffffn) throw new Error(`mmap: errno ${koffi.errno()}`);
  return { address, bytes: Buffer.from(koffi.view(address, bytes)) };
}

export function msync({ address, bytes }) {
  succeed('msync', msyncCall(address, bytes.length, MS_SYNC));
}

/** Starts writing a range back and waits for it. No flush of the disk's cache, no metadata: sync_file_range(2) warns of it. */
export function syncFileRange(fd, offset, bytes) {
  succeed('sync_file_range', syncFileRangeCall(fd, offset, bytes, WAIT_BEFORE_WRITE_WAIT_AFTER));
}

export function syncfs(fd) {
  succeed('syncfs', syncfsCall(fd));
}

function succeed(call, result) {
  if (result < 0) throw new Error(`${call}: errno ${koffi.errno()}`);
}
