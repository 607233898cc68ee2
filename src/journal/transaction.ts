/**
 * One committed transaction, read as PASS_SCAN of do_one_pass() in fs/jbd2/recovery.c reads it. Stricter than that: where
 * something has the right magic and number and a wrong checksum, the kernel has rules of its own, and is left to them.
 */
import { NotUnderstood } from './block-reader.ts';
import { crc32c } from './crc32c.ts';
import { JOURNAL_MAGIC, sumWithout, type JournalSuperblock } from './journal-superblock.ts';
import { parseRevocation, parseTags, type Tag } from './tags.ts';

const KIND = { descriptor: 1, commit: 2, revocation: 5 } as const;
const COMMIT_CHECKSUM_AT = 16;

export interface TransactionWrite extends Pick<Tag, 'home' | 'escaped'> {
  /** Block of the journal that holds the content. */
  readonly source: number;
}

export interface Transaction {
  readonly sequence: number;
  /** Its first block in the journal, and how many it has. */
  readonly start: number;
  readonly length: number;
  readonly writes: readonly TransactionWrite[];
  /** Blocks of the disk. */
  readonly revoked: readonly number[];
}

/** Block of the journal, by its number there. */
export type ReadJournalBlock = (block: number) => Buffer;

/** @returns undefined where the log ends. @throws NotUnderstood */
export function readTransaction(
  journal: JournalSuperblock,
  read: ReadJournalBlock,
  start: number,
  sequence: number,
): Transaction | undefined {
  const tagged: (Tag & { readonly source: number })[] = [];
  const revoked: number[] = [];
  // Bounded by the journal: a transaction that goes all the way round is none.
  for (let length = 0; length < journal.end - journal.first;) {
    const block = read(blockAfter(journal, start, length++));
    if (block.readUInt32BE(0) !== JOURNAL_MAGIC || block.readUInt32BE(8) !== sequence) return undefined;
    const kind = block.readUInt32BE(4);
    demandChecksum(journal, block, kind === KIND.commit ? COMMIT_CHECKSUM_AT : block.length - 4);
    if (kind === KIND.commit) {
      demandContents(journal, read, sequence, tagged);
      return {
        sequence,
        start,
        length,
        writes: tagged.map(({ home, escaped, source }) => ({ home, escaped, source })),
        revoked,
      };
    }
    if (kind === KIND.revocation) revoked.push(...parseRevocation(block, journal));
    else if (kind !== KIND.descriptor) return undefined;
    else
      for (const tag of parseTags(block, journal))
        tagged.push({ ...tag, source: blockAfter(journal, start, length++) });
  }
  return undefined;
}

/** The log goes round. */
export function blockAfter({ first, end }: JournalSuperblock, start: number, count: number): number {
  const block = start + count;
  return block < end ? block : block - (end - first);
}

function demandChecksum({ checksums, seed }: JournalSuperblock, block: Buffer, at: number): void {
  if (checksums === 0 || sumWithout(seed, block, at) === block.readUInt32BE(at)) return;
  throw new NotUnderstood('a block of the journal has a wrong checksum');
}

/** @throws NotUnderstood when a content is not what its tag says */
function demandContents(
  { checksums, seed }: JournalSuperblock,
  read: ReadJournalBlock,
  sequence: number,
  tags: readonly (Tag & { readonly source: number })[],
): void {
  if (checksums === 0) return;
  const number = Buffer.alloc(4);
  number.writeUInt32BE(sequence);
  const start = crc32c(seed, number);
  for (const { source, checksum } of tags) {
    const sum = crc32c(start, read(source));
    if ((checksums === 3 ? sum : sum & 0xffff) !== checksum)
      throw new NotUnderstood('a content in the journal has a wrong checksum');
  }
}
