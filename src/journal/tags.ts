/** The two kinds of lists in a journal's blocks: tags of a descriptor, numbers of a revocation (fs/jbd2/recovery.c). */
import { NotUnderstood } from './block-reader.ts';
import type { JournalSuperblock } from './journal-superblock.ts';

const HEADER_BYTES = 12;
const TAIL_BYTES = 4;
const UUID_BYTES = 16;
const FLAG = { escaped: 1, sameUuid: 2, last: 8 } as const;

/** One block of a transaction. Its content is the journal's next block. */
export interface Tag {
  /** Block of the disk. */
  readonly home: number;
  /** It begins with the journal's magic number, which is zeros in the journal. */
  readonly escaped: boolean;
  /** 32 bits with version 3, the lower 16 with version 2. */
  readonly checksum: number;
}

/** As in count_tags() and jbd2_block_tag... of the kernel; journal_tag_bytes() of fs/jbd2/journal.c. */
export function parseTags(block: Buffer, journal: JournalSuperblock): Tag[] {
  const tagBytes = sizeOfTag(journal);
  const end = block.length - (journal.checksums === 0 ? 0 : TAIL_BYTES);
  const tags: Tag[] = [];
  for (let at = HEADER_BYTES; at + tagBytes <= end;) {
    const flags = journal.checksums === 3 ? block.readUInt32BE(at + 4) : block.readUInt16BE(at + 6);
    const high = journal.wide ? block.readUInt32BE(at + 8) : 0;
    const checksum = journal.checksums === 3 ? block.readUInt32BE(at + 12) : block.readUInt16BE(at + 4);
    tags.push({ home: high * 2 ** 32 + block.readUInt32BE(at), escaped: (flags & FLAG.escaped) !== 0, checksum });
    at += tagBytes + (flags & FLAG.sameUuid ? 0 : UUID_BYTES);
    if (flags & FLAG.last) return tags;
  }
  return tags;
}

function sizeOfTag({ checksums, wide }: JournalSuperblock): number {
  if (checksums === 3) return 16;
  return 8 + (checksums === 2 ? 2 : 0) + (wide ? 4 : 0);
}

/** Blocks whose older contents in the journal must not be written. */
export function parseRevocation(block: Buffer, { wide, checksums }: JournalSuperblock): number[] {
  const end = block.readUInt32BE(HEADER_BYTES);
  if (end > block.length - (checksums === 0 ? 0 : TAIL_BYTES)) throw new NotUnderstood('a revocation that is too long');
  const blocks: number[] = [];
  const step = wide ? 8 : 4;
  for (let at = HEADER_BYTES + 4; at + step <= end; at += step) {
    blocks.push(wide ? block.readUInt32BE(at) * 2 ** 32 + block.readUInt32BE(at + 4) : block.readUInt32BE(at));
  }
  return blocks;
}
