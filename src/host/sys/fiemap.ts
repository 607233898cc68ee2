/** Where a file's bytes are on its device, as the file system says: FS_IOC_FIEMAP, include/uapi/linux/fiemap.h. */
import { call } from './libc.ts';

const FS_IOC_FIEMAP = 0xc020660b;
/** Write what is dirty first: it may have no place yet. */
const FIEMAP_FLAG_SYNC = 1;

/** struct fiemap: u64 start, u64 length, u32 flags, u32 mapped_extents, u32 extent_count, u32 reserved. */
const HEADER_BYTES = 32;
const FLAGS_AT = 16;
const MAPPED_AT = 20;
const ROOM_AT = 24;
/** struct fiemap_extent: u64 logical, u64 physical, u64 length, u64 reserved[2], u32 flags, u32 reserved[3]. */
const EXTENT_BYTES = 56;
const EXTENT_FLAGS_AT = 40;
const EXTENTS_AT_ONCE = 256;

const LAST = 0x1;
/** Bytes that are nowhere, or not there as they are read: UNKNOWN, DELALLOC, ENCODED, DATA_ENCRYPTED, UNWRITTEN. */
const NOT_AS_READ = 0x2 | 0x4 | 0x8 | 0x80 | 0x800;
/** Bytes in a block that holds other things too, or belongs to other files too: NOT_ALIGNED, INLINE, TAIL, SHARED. */
const NOT_ITS_OWN = 0x100 | 0x200 | 0x400 | 0x2000;

export interface MappedExtent {
  /** In the file, and on the device. Bytes. */
  readonly fileOffsetBytes: number;
  readonly deviceOffsetBytes: number;
  /** May reach beyond the file's end. */
  readonly lengthBytes: number;
  /** Whether the file's bytes, and only they, stand there as they are read. */
  readonly isPlain: boolean;
}

/**
 * In the order of the file; holes are left out. btrfs says where in its own address space: hold it against the device.
 * @throws SystemCallError EOPNOTSUPP where the file system has no such map
 */
export function* mappedExtents(fd: number, name: string): Generator<MappedExtent> {
  const answer = Buffer.alloc(HEADER_BYTES + EXTENTS_AT_ONCE * EXTENT_BYTES);
  for (let start = 0n; ;) {
    answer.fill(0);
    answer.writeBigUInt64LE(start, 0);
    answer.writeBigUInt64LE((1n << 63n) - 1n - start, 8);
    answer.writeUInt32LE(FIEMAP_FLAG_SYNC, FLAGS_AT);
    answer.writeUInt32LE(EXTENTS_AT_ONCE, ROOM_AT);
    call('ioctl', `${name}, FS_IOC_FIEMAP`, fd, FS_IOC_FIEMAP, answer);
    const count = answer.readUInt32LE(MAPPED_AT);
    for (let i = 0; i < count; i++) yield extentIn(answer, HEADER_BYTES + i * EXTENT_BYTES);
    if (count === 0) return;
    const last = HEADER_BYTES + (count - 1) * EXTENT_BYTES;
    if (answer.readUInt32LE(last + EXTENT_FLAGS_AT) & LAST) return;
    start = answer.readBigUInt64LE(last) + answer.readBigUInt64LE(last + 16);
  }
}

function extentIn(answer: Buffer, at: number): MappedExtent {
  return {
    fileOffsetBytes: Number(answer.readBigUInt64LE(at)),
    deviceOffsetBytes: Number(answer.readBigUInt64LE(at + 8)),
    lengthBytes: Number(answer.readBigUInt64LE(at + 16)),
    isPlain: (answer.readUInt32LE(at + EXTENT_FLAGS_AT) & (NOT_AS_READ | NOT_ITS_OWN)) === 0,
  };
}
