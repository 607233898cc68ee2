import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMessage } from '../../../src/host/sys/device-mapper.ts';

const SECTOR_BYTES = 8;

/** isspace() of the kernel, lib/ctype.c. */
const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) || byte === 0xa0;

/** dm_split_args() of drivers/md/dm-table.c: a backslash takes the next byte as it is. */
function splitArgs(bytes: Buffer): string[] {
  const words: number[][] = [];
  for (let at = 0; at < bytes.length;) {
    while (at < bytes.length && isSpace(bytes[at]!)) at += 1;
    if (at >= bytes.length) break;
    const word: number[] = [];
    for (; at < bytes.length && !isSpace(bytes[at]!); at += 1) {
      if (bytes[at] === 0x5c && at + 1 < bytes.length) at += 1;
      word.push(bytes[at]!);
    }
    words.push(word);
  }
  return words.map((word) => Buffer.from(word).toString('utf8'));
}

/** What the kernel makes of a message. */
function received(message: Buffer): string[] {
  expect(message.subarray(0, SECTOR_BYTES).equals(Buffer.alloc(SECTOR_BYTES))).toBe(true);
  const end = message.indexOf(0, SECTOR_BYTES);
  expect(end).toBe(message.length - 1);
  return splitArgs(message.subarray(SECTOR_BYTES, end));
}

describe('encodeMessage', () => {
  it('is a sector of 0, the words, and a NUL', () => {
    const message = encodeMessage(['mark', 'ack:3']);
    expect(message.toString('latin1')).toBe(`${'\0'.repeat(8)}mark ack:3\0`);
  });

  it.each([
    ['a blank', 'two words', 'two\\ words'],
    ['a tab and a line feed', 'a\tb\nc', 'a\\\tb\\\nc'],
    ['a backslash', 'a\\b', 'a\\\\b'],
    ['a backslash at the end', 'a\\', 'a\\\\'],
    ['nothing special', 'ack:ü-7', 'ack:ü-7'],
  ])('escapes %s', (_, word, expected) => {
    expect(encodeMessage([word]).subarray(SECTOR_BYTES, -1).toString('utf8')).toBe(expected);
    expect(received(encodeMessage(['mark', word]))).toEqual(['mark', word]);
  });

  it('escapes the byte 0xA0, which is a part of "à" and of "😠" in UTF-8', () => {
    expect(encodeMessage(['à']).subarray(SECTOR_BYTES).toString('hex')).toBe('c35ca000');
    for (const word of ['à', '😠', '\u00a0', 'ack:à à'])
      expect(received(encodeMessage(['mark', word]))).toEqual(['mark', word]);
  });

  it('lets any text through', () => {
    const anyWord = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).filter((word) => !word.includes('\0'));
    fc.assert(
      fc.property(fc.array(anyWord, { minLength: 1, maxLength: 4 }), (words) => {
        expect(received(encodeMessage(words))).toEqual(words);
      }),
    );
  });
});
