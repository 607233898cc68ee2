import koffi from 'koffi';
import { SystemCallError } from './libc.ts';

const EAGAIN = 11;

const read = koffi.load(null).func('int64_t read(int fd, void *buffer, uint64_t length)') as (
  ...args: unknown[]
) => number;

/**
 * One read(2) of a descriptor that was opened with O_NONBLOCK. Not fs.readSync: an empty buffer is the usual case here,
 * and an exception costs more than the whole read.
 * @returns 0 when there is nothing now
 * @throws SystemCallError
 */
export function readAvailable(fd: number, buffer: Uint8Array, name: string): number {
  const count = Number(read(fd, buffer, buffer.length));
  if (count >= 0) return count;
  if (koffi.errno() === EAGAIN) return 0;
  throw new SystemCallError('read', koffi.errno(), name);
}
