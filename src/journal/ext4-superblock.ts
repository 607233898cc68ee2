/** The part of ext4's superblock that leads to its journal: `struct ext4_super_block` of fs/ext4/ext4.h. */
import { KIB } from '../units.ts';
import { CRC_START, crc32c } from './crc32c.ts';
import { NotUnderstood, readBytes, type ReadDisk } from './block-reader.ts';

const AT_BYTES = KIB;
const LENGTH_BYTES = KIB;
const MAGIC = 0xef53;
const CHECKSUM_AT = 0x3fc;
const COMPAT_JOURNAL = 0x4;
const INCOMPAT = { recover: 0x4, journalDevice: 0x8, metaBlockGroups: 0x10, wide: 0x80 } as const;
const RO_COMPAT_METADATA_CSUM = 0x400;

export interface Ext4Superblock {
  readonly blockBytes: number;
  /** Block of the first group's descriptor. */
  readonly descriptorBlock: number;
  /** Descriptors have the upper halves of block numbers too. */
  readonly wide: boolean;
  readonly inodeBytes: number;
  readonly inodesPerGroup: number;
  readonly journalInode: number;
  /** Mounted and not unmounted: without it the kernel throws the journal away instead of recovering from it. */
  readonly needsRecovery: boolean;
}

/** @throws NotUnderstood for what is no ext4 with a journal of its own, or whose checksum is wrong */
export function readExt4Superblock(read: ReadDisk): Ext4Superblock {
  const bytes = readBytes(read, AT_BYTES, LENGTH_BYTES);
  if (bytes.readUInt16LE(0x38) !== MAGIC) throw new NotUnderstood('no ext4 superblock');
  demandChecksum(bytes);
  const incompat = bytes.readUInt32LE(0x60);
  if (!(bytes.readUInt32LE(0x5c) & COMPAT_JOURNAL)) throw new NotUnderstood('no journal');
  if (incompat & (INCOMPAT.journalDevice | INCOMPAT.metaBlockGroups))
    throw new NotUnderstood('external journal, or meta_bg');
  const journalInode = bytes.readUInt32LE(0xe0);
  if (journalInode === 0) throw new NotUnderstood('external journal');
  return {
    blockBytes: KIB << bytes.readUInt32LE(0x18),
    descriptorBlock: bytes.readUInt32LE(0x14) + 1,
    wide: (incompat & INCOMPAT.wide) !== 0 && bytes.readUInt16LE(0xfe) >= 64,
    inodeBytes: bytes.readUInt16LE(0x58),
    inodesPerGroup: bytes.readUInt32LE(0x28),
    journalInode,
    needsRecovery: (incompat & INCOMPAT.recover) !== 0,
  };
}

/** A superblock that the kernel would refuse must not be put right by what the journal holds. */
function demandChecksum(bytes: Buffer): void {
  if (!(bytes.readUInt32LE(0x64) & RO_COMPAT_METADATA_CSUM)) return;
  if (crc32c(CRC_START, bytes.subarray(0, CHECKSUM_AT)) === bytes.readUInt32LE(CHECKSUM_AT)) return;
  throw new NotUnderstood('the checksum of the superblock is wrong');
}
