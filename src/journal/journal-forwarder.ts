/**
 * What recovery would write for all committed transactions but the last, so that the kernel finds one left to recover
 * instead of hundreds. Nothing is written here: the caller gets patches for the disk.
 *
 * The order of things is the kernel's (fs/jbd2/recovery.c): for each block the last of its contents counts, unless a
 * transaction from then on, the last one too, revoked it. Transactions are remembered from one crash state to the next,
 * which differ by a few.
 */
import { NotUnderstood, readBytes, type ReadDisk } from './block-reader.ts';
import { readExt4Superblock, type Ext4Superblock } from './ext4-superblock.ts';
import { blocksOfInode } from './inode-blocks.ts';
import {
  JOURNAL_MAGIC,
  JOURNAL_SUPERBLOCK_BYTES,
  parseJournalSuperblock,
  startingAt,
  type JournalSuperblock,
} from './journal-superblock.ts';
import { blockAfter, readTransaction, type Transaction, type TransactionWrite } from './transaction.ts';

export interface DiskPatch {
  readonly offsetBytes: number;
  readonly content: Buffer;
}

interface Range {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

export class JournalForwarder {
  /** Block of the disk for each block of the journal. */
  readonly #blocks: Uint32Array;
  readonly #journalBlocks = new Map<number, number>();
  readonly #blockBytes: number;
  /** By the block that each begins with. */
  readonly #known = new Map<number, Transaction>();
  /** For each block of the journal, where the transaction begins that was last read from it. */
  readonly #owners = new Map<number, number>();

  private constructor(superblock: Ext4Superblock, blocks: Uint32Array) {
    this.#blockBytes = superblock.blockBytes;
    this.#blocks = blocks;
    for (const [number, block] of blocks.entries()) this.#journalBlocks.set(block, number);
  }

  /**
   * @param read the base image, where the journal lies as it does in every crash state
   * @returns undefined when its journal is not one that is understood
   */
  static for(read: ReadDisk): JournalForwarder | undefined {
    return understood(() => {
      const superblock = readExt4Superblock(read);
      return new JournalForwarder(superblock, blocksOfInode(read, superblock, superblock.journalInode));
    });
  }

  /** To be told of everything that changes on the disk from one crash state to the next. */
  forget(changed: Iterable<Range>): void {
    for (const { offsetBytes, lengthBytes } of changed) {
      const end = Math.ceil((offsetBytes + lengthBytes) / this.#blockBytes);
      for (let block = Math.floor(offsetBytes / this.#blockBytes); block < end; block++) this.#forgetBlock(block);
    }
  }

  /** @returns undefined when all is to be left to the kernel, as where there are fewer than two transactions */
  patches(read: ReadDisk): DiskPatch[] | undefined {
    return understood(() => {
      if (!readExt4Superblock(read).needsRecovery) return undefined;
      const at = this.#blocks[0]! * this.#blockBytes;
      const bytes = readBytes(read, at, JOURNAL_SUPERBLOCK_BYTES);
      const journal = parseJournalSuperblock(bytes);
      this.#demandShape(journal);
      const transactions = journal.start === 0 ? [] : this.#transactions(journal, read);
      const last = transactions.at(-1);
      if (!last || transactions.length < 2) return undefined;
      const patches = [...lastWrites(transactions).values()].map((write) => this.#patch(write, read));
      demandStillRecovers(read, patches);
      return [...patches, { offsetBytes: at, content: startingAt(bytes, last) }];
    });
  }

  #demandShape({ blockBytes, first, end, start }: JournalSuperblock): void {
    const fits = blockBytes === this.#blockBytes && end <= this.#blocks.length && first > 0 && first < end;
    if (!fits || (start !== 0 && (start < first || start >= end)))
      throw new NotUnderstood('a journal of unusual shape');
  }

  #transactions(journal: JournalSuperblock, read: ReadDisk): Transaction[] {
    const block = (number: number): Buffer =>
      readBytes(read, this.#blocks[number]! * this.#blockBytes, this.#blockBytes);
    const transactions: Transaction[] = [];
    let { start, sequence } = journal;
    for (let length = 0; length < journal.end - journal.first;) {
      const known = this.#known.get(start);
      const next = known?.sequence === sequence ? known : readTransaction(journal, block, start, sequence);
      if (!next) break;
      if (next !== known) this.#remember(journal, next);
      transactions.push(next);
      length += next.length;
      start = blockAfter(journal, start, next.length);
      sequence = (sequence + 1) >>> 0;
    }
    return transactions;
  }

  #patch({ home, source, escaped }: TransactionWrite, read: ReadDisk): DiskPatch {
    const content = readBytes(read, this.#blocks[source]! * this.#blockBytes, this.#blockBytes);
    if (escaped) content.writeUInt32BE(JOURNAL_MAGIC, 0);
    return { offsetBytes: home * this.#blockBytes, content };
  }

  #remember(journal: JournalSuperblock, transaction: Transaction): void {
    const { start, length } = transaction;
    this.#known.set(start, transaction);
    for (let i = 0; i < length; i++) this.#owners.set(blockAfter(journal, start, i), start);
  }

  #forgetBlock(diskBlock: number): void {
    const block = this.#journalBlocks.get(diskBlock);
    const start = block === undefined ? undefined : this.#owners.get(block);
    if (start !== undefined) this.#known.delete(start);
  }
}

/** For each block the content that counts. */
function lastWrites(transactions: readonly Transaction[]): Map<number, TransactionWrite> {
  const revokedUpTo = new Map<number, number>();
  for (const [order, { revoked }] of transactions.entries()) for (const block of revoked) revokedUpTo.set(block, order);
  const writes = new Map<number, TransactionWrite>();
  for (const [order, transaction] of transactions.slice(0, -1).entries()) {
    for (const write of transaction.writes) {
      if ((revokedUpTo.get(write.home) ?? -1) < order) writes.set(write.home, write);
    }
  }
  return writes;
}

/** The superblock may be among the blocks: with what it says then, the kernel must still want to recover. */
function demandStillRecovers(read: ReadDisk, patches: readonly DiskPatch[]): void {
  const patched: ReadDisk = (target, offsetBytes) => {
    read(target, offsetBytes);
    for (const { offsetBytes: start, content } of patches) {
      const at = offsetBytes - start;
      if (at >= 0 && at + target.length <= content.length) content.copy(target, 0, at, at + target.length);
    }
  };
  if (!readExt4Superblock(patched).needsRecovery) throw new NotUnderstood('the journal ends with an unmounted disk');
}

function understood<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined;
    throw error;
  }
}
