/** The journal's superblock, big-endian: `journal_superblock_s` of include/linux/jbd2.h, journal_get_superblock(). */
import { NotUnderstood } from './block-reader.ts';
import { CRC_START, crc32c } from './crc32c.ts';

export const JOURNAL_MAGIC = 0xc03b_3998;
export const JOURNAL_SUPERBLOCK_BYTES = 1024;
const SUPERBLOCK_V2 = 4;
const CRC32C_CHECKSUM = 4;
const INCOMPAT = { revoke: 0x1, wide: 0x2, csumV2: 0x8, csumV3: 0x10 } as const;
const UNDERSTOOD = INCOMPAT.revoke | INCOMPAT.wide | INCOMPAT.csumV2 | INCOMPAT.csumV3;
const AT = {
  blockBytes: 0xc,
  end: 0x10,
  first: 0x14,
  sequence: 0x18,
  start: 0x1c,
  error: 0x20,
  checksum: 0xfc,
} as const;

export interface JournalSuperblock {
  readonly blockBytes: number;
  /** The log goes round in blocks first to end - 1 of the journal. */
  readonly first: number;
  readonly end: number;
  /** Block of the first transaction to be recovered; 0: there is none. */
  readonly start: number;
  /** Its number. */
  readonly sequence: number;
  readonly wide: boolean;
  /** Version of the checksums in descriptors, revocations, commits and tags. */
  readonly checksums: 0 | 2 | 3;
  /** What those begin with. */
  readonly seed: number;
}

/** @throws NotUnderstood for a feature that is not known here (fast commits, asynchronous commits), or a wrong checksum */
export function parseJournalSuperblock(bytes: Buffer): JournalSuperblock {
  const incompat = bytes.readUInt32BE(0x28);
  if (bytes.readUInt32BE(0) !== JOURNAL_MAGIC || bytes.readUInt32BE(4) !== SUPERBLOCK_V2)
    throw new NotUnderstood('no journal superblock');
  if (bytes.readUInt32BE(0x24) !== 0 || bytes.readUInt32BE(0x2c) !== 0 || incompat & ~UNDERSTOOD)
    throw new NotUnderstood('a journal with features that are not known here');
  if (bytes.readUInt32BE(AT.error) !== 0) throw new NotUnderstood('the journal was aborted');
  const checksums = incompat & INCOMPAT.csumV3 ? 3 : incompat & INCOMPAT.csumV2 ? 2 : 0;
  if (checksums !== 0 && (bytes[0x50] !== CRC32C_CHECKSUM || checksumOf(bytes) !== bytes.readUInt32BE(AT.checksum)))
    throw new NotUnderstood('the checksum of the journal superblock is wrong');
  return {
    blockBytes: bytes.readUInt32BE(AT.blockBytes),
    first: bytes.readUInt32BE(AT.first),
    end: bytes.readUInt32BE(AT.end),
    start: bytes.readUInt32BE(AT.start),
    sequence: bytes.readUInt32BE(AT.sequence),
    wide: (incompat & INCOMPAT.wide) !== 0,
    checksums,
    seed: crc32c(CRC_START, bytes.subarray(0x30, 0x40)),
  };
}

/** @returns a copy that has recovery begin at this transaction */
export function startingAt(bytes: Buffer, { start, sequence }: Pick<JournalSuperblock, 'start' | 'sequence'>): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt32BE(start, AT.start);
  copy.writeUInt32BE(sequence, AT.sequence);
  if (bytes.readUInt32BE(0x28) & (INCOMPAT.csumV2 | INCOMPAT.csumV3)) copy.writeUInt32BE(checksumOf(copy), AT.checksum);
  return copy;
}

function checksumOf(bytes: Buffer): number {
  return sumWithout(CRC_START, bytes, AT.checksum);
}

/** The checksum of something that holds it, as four bytes that count as zeros. */
export function sumWithout(seed: number, bytes: Buffer, checksumAt: number): number {
  const before = crc32c(seed, bytes.subarray(0, checksumAt));
  return crc32c(crc32c(before, FOUR_ZEROS), bytes.subarray(checksumAt + 4));
}

const FOUR_ZEROS = Buffer.alloc(4);
