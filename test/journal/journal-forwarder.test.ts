/** On a real journal: ext4 with 20 commits of an SQLite database, recorded by dm-log-writes. Its blocks are 1 KiB. */
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { crashPoints } from '../../src/dmlog/barrier.ts';
import type { LogIndex } from '../../src/dmlog/log-index.ts';
import { readBytes, type ReadDisk } from '../../src/journal/block-reader.ts';
import { CRC_START, crc32c } from '../../src/journal/crc32c.ts';
import { readExt4Superblock } from '../../src/journal/ext4-superblock.ts';
import { blocksOfInode } from '../../src/journal/inode-blocks.ts';
import { JournalForwarder, type DiskPatch } from '../../src/journal/journal-forwarder.ts';
import { parseJournalSuperblock, type JournalSuperblock } from '../../src/journal/journal-superblock.ts';
import { blockAfter, readTransaction, type Transaction } from '../../src/journal/transaction.ts';
import { RollingImage } from '../../src/replay/rolling-image.ts';
import { sampleBytes } from '../dmlog/samples.ts';
import { indexFile } from '../support/log-file.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const BLOCK_BYTES = 1024;
const inFolder = useTemporaryFolder();
let index: LogIndex;
let disk: Buffer;

beforeEach(() => {
  writeFileSync(inFolder('base.img'), sampleBytes('sqlite-wal-ext4.base.img'));
  writeFileSync(inFolder('log'), sampleBytes('sqlite-wal-ext4.log.img'));
  index = indexFile(inFolder('log'));
});

/** The disk after this entry. */
function diskAt(entry: number): Buffer {
  const sources = { base: inFolder('base.img'), log: inFolder('log'), index, corrections: new Map() };
  const image = new RollingImage(sources, inFolder('rolling.img'));
  image.rollTo(entry);
  image.close();
  const content = Buffer.alloc(64 << 20);
  const fd = openSync(inFolder('rolling.img'), 'r');
  readSync(fd, content, 0, content.length, 0);
  closeSync(fd);
  return content;
}

const reading =
  (bytes: Buffer): ReadDisk =>
  (target, offsetBytes) =>
    void bytes.copy(target, 0, offsetBytes, offsetBytes + target.length);

const read: ReadDisk = (target, offsetBytes) => reading(disk)(target, offsetBytes);

/** Read here once more, without the memory of a forwarder. */
function journal(): { superblock: JournalSuperblock; blocks: Uint32Array; transactions: Transaction[] } {
  const ext4 = readExt4Superblock(read);
  const blocks = blocksOfInode(read, ext4, ext4.journalInode);
  const superblock = parseJournalSuperblock(readBytes(read, blocks[0]! * BLOCK_BYTES, 1024));
  const transactions: Transaction[] = [];
  let { start, sequence } = superblock;
  const block = (number: number): Buffer => readBytes(read, blocks[number]! * BLOCK_BYTES, BLOCK_BYTES);
  for (;;) {
    const next = readTransaction(superblock, block, start, sequence);
    if (!next) return { superblock, blocks, transactions };
    transactions.push(next);
    start = blockAfter(superblock, start, next.length);
    sequence++;
  }
}

const points = (): number[] => [...crashPoints(index)];
/** Long before the unmount, which empties the journal. */
const midway = (): number => points()[Math.floor(points().length * 0.7)]!;
const applied = (patches: readonly DiskPatch[]): Buffer => {
  const copy = Buffer.from(disk);
  for (const { offsetBytes, content } of patches) content.copy(copy, offsetBytes);
  return copy;
};

describe('a journal that is fast-forwarded', () => {
  it('leaves the last transaction, and what the others hold in its place', () => {
    disk = diskAt(midway());
    const before = journal();
    expect(before.transactions.length).toBeGreaterThan(5);
    const patches = JournalForwarder.for(read)!.patches(read)!;
    const homes = new Set(before.transactions.slice(0, -1).flatMap(({ writes }) => writes.map(({ home }) => home)));
    expect(patches.length).toBe(homes.size + 1);
    disk = applied(patches);
    const after = journal();
    expect(after.transactions).toEqual(before.transactions.slice(-1));
    expect(after.superblock).toMatchObject({
      start: after.transactions[0]!.start,
      sequence: after.transactions[0]!.sequence,
    });
  });

  it('is the same from one that remembers as from one that begins anew, at every barrier', () => {
    disk = diskAt(points()[0]!);
    const remembering = JournalForwarder.for(read)!;
    let applicable = 0;
    for (const point of points().filter((_, i) => i % 14 === 0)) {
      const next = diskAt(point);
      const changed: { offsetBytes: number; lengthBytes: number }[] = [];
      for (let at = 0; at < next.length; at += 4096)
        if (next.compare(disk, at, at + 4096, at, at + 4096) !== 0)
          changed.push({ offsetBytes: at, lengthBytes: 4096 });
      disk = next;
      remembering.forget(changed);
      const patches = remembering.patches(read);
      expect(patches, `entry ${point}`).toEqual(JournalForwarder.for(read)!.patches(read));
      if (patches) applicable++;
    }
    expect(applicable).toBeGreaterThan(5);
  });

  it.each<[string, (blocks: Uint32Array, transactions: Transaction[]) => number]>([
    ['the superblock of the file system', () => 1024 + 0x30],
    ["the journal's superblock", (blocks) => blocks[0]! * BLOCK_BYTES + 0x1c],
    ['a descriptor', (blocks, [first]) => blocks[first!.start]! * BLOCK_BYTES + 100],
    ['a content', (blocks, [first]) => blocks[first!.writes[0]!.source]! * BLOCK_BYTES + 100],
    ['a commit', (blocks, [first]) => blocks[first!.start + first!.length - 1]! * BLOCK_BYTES + 100],
  ])('is left to the kernel when a byte is wrong in %s', (_, place) => {
    disk = diskAt(midway());
    const { blocks, transactions } = journal();
    const at = place(blocks, transactions);
    disk[at] = disk[at]! ^ 0x40;
    expect(JournalForwarder.for(reading(diskAt(points()[0]!)))!.patches(read)).toBeUndefined();
  });

  it('is left to the kernel where the file system was unmounted', () => {
    disk = sampleBytes('sqlite-wal-ext4.final.img');
    expect(JournalForwarder.for(read)!.patches(read)).toBeUndefined();
  });

  it('is left to the kernel where there is no ext4', () => {
    expect(JournalForwarder.for((target) => void target.fill(7))).toBeUndefined();
  });
});

it('computes CRC-32C as its definition has it', () => {
  // The check value of the CRC catalogue, which inverts at the end.
  expect((crc32c(CRC_START, Buffer.from('123456789')) ^ CRC_START) >>> 0).toBe(0xe3069283);
  const bytes = Buffer.from('The sum of a whole is the sum of its parts, one seeded with the other.');
  expect(crc32c(crc32c(CRC_START, bytes.subarray(0, 13)), bytes.subarray(13))).toBe(crc32c(CRC_START, bytes));
});
