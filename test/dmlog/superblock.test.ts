import { describe, expect, it } from 'vitest';
import { decodeSuperblock, encodeSuperblock, type LogSuperblock } from '../../src/dmlog/superblock.ts';

const superblock: LogSuperblock = { version: 1, entryCount: 352, sectorBytes: 4096 };
const decode = (bytes: Buffer): LogSuperblock => decodeSuperblock(bytes, 'x.log');

function broken(offsetBytes: number, bytes: number[]): Buffer {
  const copy = encodeSuperblock(superblock);
  copy.set(bytes, offsetBytes);
  return copy;
}

describe('superblock', () => {
  it('has the bytes of the format', () => {
    const bytes = encodeSuperblock(superblock);
    expect(bytes).toHaveLength(4096);
    expect(bytes.toString('hex', 0, 32)).toBe(
      `7268737766736a00 0100000000000000 6001000000000000 00100000 00000000`.replaceAll(' ', ''),
    );
    expect(bytes.subarray(32).every((byte) => byte === 0)).toBe(true);
  });

  it.each([512, 1024, 4096, 65_536, 8 * 1024 * 1024])('round trips with sectors of %i bytes', (sectorBytes) => {
    const value: LogSuperblock = { version: 1, entryCount: 2 ** 53 - 1, sectorBytes };
    expect(decode(encodeSuperblock(value))).toEqual(value);
  });

  it('ignores bytes 28 to 31, which the kernel does not clear', () => {
    expect(decode(broken(28, [1, 2, 3, 4]))).toEqual(superblock);
  });

  it.each([
    ['magic', broken(7, [1]), /magic at byte 0: this is no dm-log-writes log, found 7268737766736a01/],
    ['all zeros', Buffer.alloc(512), /all zeros: nothing was logged/],
    ['version 2', broken(8, [2]), /version at byte 8: its version is not 1/],
    ['a version with high bits', broken(15, [1]), /version at byte 8/],
    ['a count above 2^53 - 1', broken(22, [0x20]), /entry count at byte 16/],
    ['sectors of 0 bytes', broken(24, [0, 0, 0, 0]), /sector size at byte 24: 0 /],
    ['sectors of 256 bytes', broken(24, [0, 1, 0, 0]), /sector size at byte 24: 256 /],
    ['sectors of 513 bytes', broken(24, [1, 2, 0, 0]), /513/],
    ['sectors of 16 MiB', broken(24, [0, 0, 0, 1]), /16777216/],
    ['sectors of 2 GiB, a sign bit', broken(24, [0, 0, 0, 0x80]), /2147483648/],
    ['a log of 27 bytes', encodeSuperblock(superblock).subarray(0, 27), /ends after 27 bytes/],
    ['a log of no bytes', Buffer.alloc(0), /ends after 0 bytes/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decode(bytes)).toThrow(
      expect.objectContaining({ code: 'bad-log', message: expect.stringMatching(message) }),
    );
  });
});
