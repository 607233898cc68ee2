import { describe, expect, it } from 'vitest';
import { crc32c } from '../../../examples/append-log/crc32c.ts';

describe('crc32c', () => {
  // RFC 3720 (iSCSI), appendix B.4, and the check value of the CRC catalogue.
  it.each([
    ['no bytes', Buffer.alloc(0), 0],
    ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
    ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['0 to 31', Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
    ['123456789', Buffer.from('123456789'), 0xe3069283],
  ])('of %s is the published value', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });
});
