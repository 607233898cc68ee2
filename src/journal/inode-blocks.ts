/** Where an inode's blocks lie: extent tree (fs/ext4/ext4_extents.h) or the block map of ext2. */
import { NotUnderstood, readBytes, type ReadDisk } from './block-reader.ts';
import type { Ext4Superblock } from './ext4-superblock.ts';

const EXTENTS_FLAG = 0x8_0000;
const EXTENT_MAGIC = 0xf30a;
const NODE_BYTES = 12;
const DEEPEST = 5;
const UNWRITTEN = 0x8000;
const DIRECT_BLOCKS = 12;
const INDIRECT_LEVELS = 3;
const BLOCK_MAP_BYTES = 60;

/** @returns the disk's block number for each of the inode's blocks. @throws NotUnderstood when one is missing */
export function blocksOfInode(read: ReadDisk, superblock: Ext4Superblock, inode: number): Uint32Array {
  const bytes = readInode(read, superblock, inode);
  const blocks = new Uint32Array(Math.floor(bytes.readUInt32LE(4) / superblock.blockBytes));
  const root = bytes.subarray(0x28, 0x28 + BLOCK_MAP_BYTES);
  if (bytes.readUInt32LE(0x20) & EXTENTS_FLAG) fillFromExtents(read, superblock, root, blocks, DEEPEST);
  else fillFromMap(read, superblock, root, blocks);
  if (blocks.length === 0 || blocks.includes(0)) throw new NotUnderstood(`inode ${inode} has holes`);
  return blocks;
}

function readInode(read: ReadDisk, superblock: Ext4Superblock, inode: number): Buffer {
  const { blockBytes, descriptorBlock, wide, inodeBytes, inodesPerGroup } = superblock;
  if (inode > inodesPerGroup) throw new NotUnderstood(`inode ${inode} is not in the first group`);
  const descriptor = readBytes(read, descriptorBlock * blockBytes, 64);
  const table = descriptor.readUInt32LE(8) + (wide ? descriptor.readUInt32LE(0x28) * 2 ** 32 : 0);
  return readBytes(read, table * blockBytes + (inode - 1) * inodeBytes, inodeBytes);
}

function fillFromExtents(
  read: ReadDisk,
  superblock: Ext4Superblock,
  node: Buffer,
  blocks: Uint32Array,
  levels: number,
): void {
  if (levels === 0 || node.readUInt16LE(0) !== EXTENT_MAGIC) throw new NotUnderstood('no extent tree');
  const count = node.readUInt16LE(2);
  const depth = node.readUInt16LE(6);
  if ((count + 1) * NODE_BYTES > node.length) throw new NotUnderstood('no extent tree');
  for (let i = 1; i <= count; i++) {
    const entry = node.subarray(i * NODE_BYTES, (i + 1) * NODE_BYTES);
    if (depth === 0) fillFromExtent(entry, blocks);
    else {
      const child = entry.readUInt32LE(4) + entry.readUInt16LE(8) * 2 ** 32;
      const { blockBytes } = superblock;
      fillFromExtents(read, superblock, readBytes(read, child * blockBytes, blockBytes), blocks, levels - 1);
    }
  }
}

function fillFromExtent(entry: Buffer, blocks: Uint32Array): void {
  const first = entry.readUInt32LE(0);
  const count = entry.readUInt16LE(4);
  if (count > UNWRITTEN || entry.readUInt16LE(6) !== 0) throw new NotUnderstood('an extent of an unusual kind');
  const start = entry.readUInt32LE(8);
  for (let i = 0; i < count && first + i < blocks.length; i++) blocks[first + i] = start + i;
}

function fillFromMap(read: ReadDisk, superblock: Ext4Superblock, root: Buffer, blocks: Uint32Array): void {
  let next = 0;
  const fill = (block: number, level: number): void => {
    if (next >= blocks.length) return;
    if (level === 0 || block === 0) {
      blocks[next++] = block;
      return;
    }
    const children = readBytes(read, block * superblock.blockBytes, superblock.blockBytes);
    for (let at = 0; at < children.length; at += 4) fill(children.readUInt32LE(at), level - 1);
  };
  for (let i = 0; i < DIRECT_BLOCKS; i++) fill(root.readUInt32LE(i * 4), 0);
  for (let level = 1; level <= INDIRECT_LEVELS; level++)
    fill(root.readUInt32LE((DIRECT_BLOCKS + level - 1) * 4), level);
}
