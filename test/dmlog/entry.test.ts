import { describe, expect, it } from 'vitest';
import { decodeEntry, encodeEntry, type EntryLimits, type LogEntry } from '../../src/dmlog/entry.ts';
import { FLAG } from '../../src/dmlog/layout.ts';
import { writeU64 } from '../../src/dmlog/u64.ts';

const limits: EntryLimits = { path: 'x.log', logBytes: 1_000_000, sectorBytes: 512, deviceBytes: undefined };
const decode = (header: Buffer, more: Partial<EntryLimits> = {}): LogEntry =>
  decodeEntry(header, 7, 5120, { ...limits, ...more });

/** A header by its four fields, with no rule applied. */
function header(sector: number, sectorCount: number, flags: number, textLength = 0): Buffer {
  const bytes = Buffer.alloc(512);
  [sector, sectorCount, flags, textLength].forEach((value, field) => writeU64(bytes, value, field * 8));
  return bytes;
}

function withByte(bytes: Buffer, offsetBytes: number, value: number): Buffer {
  bytes[offsetBytes] = value;
  return bytes;
}

describe('decodeEntry accepts', () => {
  it.each([
    ['a write', header(16, 8, 0), { sector: 16, sectorCount: 8, flags: 0, dataBytes: 4096 }],
    ['an empty flush', header(0, 0, FLAG.flush), { dataBytes: 0 }],
    ['the empty FLUSH|FUA|METADATA of a commit', header(32812, 0, 19), { sector: 32812, flags: 19, dataBytes: 0 }],
    ['a foreign FLUSH with data', header(8, 2, FLAG.flush), { sectorCount: 2, dataBytes: 1024 }],
    ['a discard longer than the log', header(0, 2 ** 40, FLAG.discard), { sectorCount: 2 ** 40, dataBytes: 0 }],
    ['a METADATA discard', header(0, 8, 20), { flags: 20, dataBytes: 0 }],
    ['a DAX write with a data length', header(8, 1, 0, 100), { dataBytes: 512 }],
    ['a data length that is nonsense, since only marks use it', header(8, 1, 0, 2 ** 60), { dataBytes: 512 }],
  ])('%s', (_, bytes, expected) => {
    expect(decode(bytes)).toMatchObject({ index: 7, headerOffsetBytes: 5120, dataOffsetBytes: 5632, ...expected });
    expect(decode(bytes)).not.toHaveProperty('mark');
  });

  it('marks, up to the longest, with any bytes', () => {
    const longest = 'x'.repeat(479);
    expect(decode(encodeEntry({ sector: 0, sectorCount: 0, flags: 8, mark: longest }, 512)).mark).toBe(longest);
    expect(decode(encodeEntry({ sector: 0, sectorCount: 0, flags: 8, mark: '' }, 512)).mark).toBe('');
    expect(decode(withByte(header(0, 0, FLAG.mark, 1), 32, 0xff)).mark).toBe('\u{fffd}');
  });

  it('a write that ends exactly where log and device end', () => {
    expect(decode(header(8, 8, 0), { logBytes: 5632 + 4096, deviceBytes: 8192 }).dataBytes).toBe(4096);
  });
});

describe('decodeEntry refuses', () => {
  it.each([
    ['an empty header', header(0, 0, 0), {}, /empty/],
    ['an empty header with a sector', header(9, 0, 0), {}, /empty/],
    ['an unknown flag', header(0, 8, 32), {}, /unknown flag bits in 0x20/],
    ['a flag above 32 bits', header(0, 8, 2 ** 32), {}, /unknown flag bits in 0x100000000/],
    ['MARK|FLUSH', header(0, 0, 9), {}, /MARK with other flags/],
    ['MARK|METADATA', header(0, 0, 24), {}, /MARK with other flags/],
    ['a MARK with sectors', header(0, 1, 8), {}, /MARK with a length/],
    ['a MARK with too long a text', header(0, 0, 8, 480), {}, /480 bytes of text, at most 479/],
    ['a MARK with a text above 2^53', header(0, 0, 8, 2 ** 63), {}, /2\^53 or more bytes of text, at most 479/],
    ['DISCARD|FLUSH', header(0, 8, 5), {}, /DISCARD with FLUSH or FUA/],
    ['DISCARD|FUA', header(0, 8, 6), {}, /DISCARD with FLUSH or FUA/],
    ['a sector above 2^53 - 1', header(2 ** 53, 8, 0), {}, /its sector is no whole number/],
    ['a length above 2^53 - 1', header(0, 2 ** 60, 4), {}, /its length in sectors is no whole number/],
    ['a range above byte 2^53 - 1', header(2 ** 52, 8, 4), {}, /above byte 2\^53 - 1/],
    ['a text behind a write', withByte(header(0, 8, 0), 32, 1), {}, /bytes 32 to 511/],
    ['a last byte behind a flush', withByte(header(0, 0, 1), 511, 1), {}, /bytes 32 to 511/],
    [
      'data behind the end of the log',
      header(0, 8, 0),
      { logBytes: 9727 },
      /end at byte 9728, but the log ends at byte 9727/,
    ],
    ['a huge length', header(0, 2 ** 43, 0), {}, /the log ends at byte 1000000: truncated/],
    [
      'a write behind the device',
      header(9, 8, 0),
      { deviceBytes: 8192 },
      /ends at byte 8704 of the device, which has 8192/,
    ],
    ['a discard behind the device', header(0, 17, 4), { deviceBytes: 8192 }, /ends at byte 8704 of the device/],
  ])('%s', (_, bytes, more, message) => {
    expect(() => decode(bytes, more)).toThrow(
      expect.objectContaining({ code: 'bad-log', message: expect.stringMatching(message) }),
    );
    expect(() => decode(bytes, more)).toThrow(/^write log x\.log: entry 7 at byte 5120: /);
  });
});

describe('encodeEntry refuses what the reader would refuse', () => {
  it.each([
    ['flags 32', { sector: 0, sectorCount: 1, flags: 32 }],
    ['nothing', { sector: 0, sectorCount: 0, flags: 0 }],
    ['a text without MARK', { sector: 0, sectorCount: 1, flags: 0, mark: 'x' }],
    ['a text of 480 bytes in fewer characters', { sector: 0, sectorCount: 0, flags: 8, mark: 'é'.repeat(240) }],
    ['a negative sector', { sector: -1, sectorCount: 1, flags: 0 }],
    ['half a sector', { sector: 0.5, sectorCount: 1, flags: 0 }],
  ])('%s', (_, entry) => {
    expect(() => encodeEntry(entry, 512)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
