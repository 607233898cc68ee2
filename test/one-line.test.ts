import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastLines, oneLine } from '../src/one-line.ts';

describe('oneLine', () => {
  it('joins lines and leaves ordinary text alone', () => {
    expect(oneLine('  key "schlüssel" is lost \n\n\t see\tabove\r\n')).toBe('key "schlüssel" is lost | see above');
  });

  it('shows what a terminal would obey or hide', () => {
    expect(oneLine('a\u001B[31mb\u0007\u202Ec\u0000')).toBe('a\\u{1b}[31mb\\u{7}\\u{202e}c\\u{0}');
  });

  it('is bounded, and never ends in half a character', () => {
    expect(oneLine('x'.repeat(500))).toBe('x'.repeat(500));
    expect(oneLine('x'.repeat(501))).toBe(`${'x'.repeat(497)}...`);
    expect(oneLine(`${'x'.repeat(496)}${'😀'.repeat(10)}`)).toBe(`${'x'.repeat(496)}...`);
  });

  it('is one line without control characters, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        expect(oneLine(text)).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}]{0,500}$/u);
      }),
    );
  });

  it('leaves no blanks before the dots', () => {
    expect(oneLine(`a${' '.repeat(200_000)}b`)).toBe('a...');
  });
});

describe('lastLines', () => {
  it('skips blank ones', () => {
    expect(lastLines('one\ntwo\n\n  \nthree\n', 2)).toBe('two | three');
    expect(lastLines('\n \n', 2)).toBe('');
  });
});
