import { describe, expect, it } from 'vitest';
import { element, xmlText } from '../../src/report/xml.ts';

describe('xml', () => {
  it('keeps line ends and tabs of attributes, which a parser would turn into spaces', () => {
    expect(element('a', { b: 'x\n\ty\r"<&>' })).toEqual(['<a b="x&#10;&#9;y&#13;&quot;&lt;&amp;&gt;"/>']);
  });

  it('keeps them as they are in text', () => {
    expect(element('a', {}, 'x\n\ty]]>')).toEqual(['<a>x\n\ty]]&gt;</a>']);
  });

  it('nests elements', () => {
    expect(element('a', { n: 1 }, [...element('b', {}), ...element('c', {}, '')])).toEqual([
      '<a n="1">',
      '<b/>',
      '<c></c>',
      '</a>',
    ]);
  });

  it('shows what XML cannot hold, and whole characters beyond 16 bits', () => {
    expect(xmlText('\u0000\u0008\uFFFF\uD83D \u{1F4A3}')).toBe(String.raw`\u{0}\u{8}\u{ffff}\u{d83d} ` + '\u{1F4A3}');
  });
});
