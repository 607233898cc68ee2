import { describe, expect, it } from 'vitest';
import type { JournalSuperblock } from '../../src/journal/journal-superblock.ts';
import { parseRevocation, parseTags } from '../../src/journal/tags.ts';

const journal = (wide: boolean, checksums: 0 | 2 | 3): JournalSuperblock => ({
  blockBytes: 1024,
  first: 1,
  end: 1024,
  start: 1,
  sequence: 1,
  wide,
  checksums,
  seed: 0,
});

const u16 = (value: number): number[] => [value >> 8, value & 255];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value & 0xffff)];
const uuid = Array.from({ length: 16 }, () => 9);

function block(...bytes: readonly number[][]): Buffer {
  const made = Buffer.alloc(1024);
  Buffer.from(bytes.flat()).copy(made, 12);
  return made;
}

describe('parseTags', () => {
  it.each<[string, JournalSuperblock, number[][]]>([
    ['32 bits', journal(false, 0), [u32(5), u16(0xabcd), u16(1), uuid, u32(6), u16(0xabcd), u16(2 | 8)]],
    ['64 bits', journal(true, 0), [u32(5), u16(0xabcd), u16(1), u32(0), uuid, u32(6), u16(0xabcd), u16(10), u32(0)]],
    [
      '32 bits, checksums 2',
      journal(false, 2),
      [u32(5), u16(0xabcd), u16(1), u16(0), uuid, u32(6), u16(0xabcd), u16(10), u16(0)],
    ],
    [
      'checksums 3',
      journal(true, 3),
      [u32(5), u32(1), u32(0), u32(0xabcd), uuid, u32(6), u32(10), u32(0), u32(0xabcd)],
    ],
  ])('reads tags of %s, up to the last', (_, superblock, bytes) => {
    expect(parseTags(block(...bytes, u32(7)), superblock)).toEqual([
      { home: 5, escaped: true, checksum: 0xabcd },
      { home: 6, escaped: false, checksum: 0xabcd },
    ]);
  });

  it('reads the upper half of a block number', () => {
    expect(parseTags(block(u32(5), u32(2 | 8), u32(3), u32(0)), journal(true, 3))[0]!.home).toBe(3 * 2 ** 32 + 5);
  });

  it('ends where no tag fits any more', () => {
    const full = Buffer.alloc(1024);
    for (let at = 12; at + 16 <= 1024; at += 16) full.writeUInt32BE(2, at + 4);
    expect(parseTags(full, journal(true, 3))).toHaveLength(63);
  });
});

describe('parseRevocation', () => {
  it('reads numbers of 32 and of 64 bits, as far as the count says', () => {
    expect(parseRevocation(block(u32(24), u32(7), u32(8), u32(9)), journal(false, 0))).toEqual([7, 8]);
    expect(parseRevocation(block(u32(32), u32(1), u32(8), u32(0), u32(9)), journal(true, 3))).toEqual([2 ** 32 + 8, 9]);
  });

  it('refuses one that is longer than its block', () => {
    expect(() => parseRevocation(block(u32(1024)), journal(true, 3))).toThrow('too long');
  });
});
