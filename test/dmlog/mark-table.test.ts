import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MarkTableBuilder } from '../../src/dmlog/mark-table.ts';
import { entryIndex } from '../../src/units.ts';

describe('the mark table', () => {
  it('gives back every entry and text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 50 }), (texts) => {
        const builder = new MarkTableBuilder(texts.length);
        texts.forEach((text, position) => builder.add(entryIndex(3 * position), text));
        const table = builder.build();
        expect(table.count).toBe(texts.length);
        texts.forEach((text, position) => {
          expect(table.entryAt(position)).toBe(3 * position);
          expect(table.textAt(position)).toBe(text);
        });
      }),
    );
  });

  it('knows no mark outside of itself', () => {
    const builder = new MarkTableBuilder(1);
    builder.add(entryIndex(0), 'only');
    const table = builder.build();
    for (const mark of [-1, 1, 0.5]) {
      expect(() => table.textAt(mark)).toThrow(RangeError);
      expect(() => table.entryAt(mark)).toThrow(RangeError);
    }
  });
});
