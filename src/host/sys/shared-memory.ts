/** Memory that is shared with the kernel: mmap(2). */
import koffi from 'koffi';
import { SystemCallError } from './libc.ts';

const PROT_READ_WRITE = 1 | 2;
const MAP_SHARED = 1;
/** MAP_FAILED, which is ((void *) -1). */
const FAILED = 0xffff_ffff_ffff_ffffn;

const library = koffi.load(null);
const mmap = library.func(
  'void *mmap(void *address, uint64_t length, int protection, int flags, int fd, int64_t offset)',
) as (...args: unknown[]) => bigint;
const munmap = library.func('int munmap(void *address, uint64_t length)') as (...args: unknown[]) => number;

export interface SharedMemory {
  /** Must not be touched after `release`: the process would die of it. */
  readonly bytes: ArrayBuffer;
  release(): void;
}

/** Maps the first bytes of what `fd` stands for. @throws SystemCallError */
export function mapShared(fd: number, lengthBytes: number, name: string): SharedMemory {
  const address = BigInt.asUintN(64, BigInt(mmap(null, lengthBytes, PROT_READ_WRITE, MAP_SHARED, fd, 0)));
  if (address === FAILED) throw new SystemCallError('mmap', koffi.errno(), name);
  return {
    bytes: koffi.view(address, lengthBytes),
    release: () => {
      if (munmap(address, lengthBytes) < 0) throw new SystemCallError('munmap', koffi.errno(), name);
    },
  };
}
