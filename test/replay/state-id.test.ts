import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import type { CrashState, Survivor } from '../../src/replay/crash-state.ts';
import { formatCrashState, parseCrashState } from '../../src/replay/state-id.ts';
import { entryIndex } from '../../src/units.ts';

const entry = fc.nat({ max: 5000 });
const ascending = fc.uniqueArray(entry, { minLength: 1, maxLength: 12 }).map((list) => list.sort((a, b) => a - b));
/** Pairs of an ascending list are spans that neither touch nor overlap when every second step is two or more. */
const spans = fc
  .array(fc.tuple(fc.integer({ min: 2, max: 9 }), fc.nat({ max: 9 })), { minLength: 1, maxLength: 4 })
  .map((steps) => {
    let at = 0;
    return steps.map(([gap, length]) => {
      const first = at + gap;
      at = first + length;
      return { first, last: at };
    });
  });
const survivors = ascending.chain((entries) =>
  fc.tuple(
    ...entries.map((each) =>
      fc.option(spans).map((sectors): Survivor => ({ entry: entryIndex(each), ...(sectors && { sectors }) })),
    ),
  ),
);
const anyState: fc.Arbitrary<CrashState> = fc.record(
  {
    crashPoint: fc.option(entry.map(entryIndex), { nil: undefined }),
    lyingFrom: entry.map(entryIndex),
    keptDiscards: ascending.map((list) => list.map(entryIndex)),
    survivors,
    flip: fc.record({ byte: fc.nat({ max: 1e12 }), bit: fc.nat({ max: 7 }) }),
  },
  { requiredKeys: ['crashPoint'] },
);

describe('the text of a crash state', () => {
  it('leads back to the state', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        expect(parseCrashState(formatCrashState(state))).toEqual(state);
      }),
    );
  });

  it('needs no quotes in a shell', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        expect(formatCrashState(state)).toMatch(/^[\w.,+=~%-]+$/);
      }),
    );
  });

  it.each([
    [{ crashPoint: undefined }, 'base'],
    [{ crashPoint: 0 }, 'p0'],
    [{ crashPoint: 347 }, 'p347'],
    [{ crashPoint: 347, survivors: [{ entry: 349 }, { entry: 351 }, { entry: 352 }] }, 'p347+349,351-352'],
    [
      {
        crashPoint: undefined,
        survivors: [
          {
            entry: 1,
            sectors: [
              { first: 0, last: 2 },
              { first: 5, last: 5 },
            ],
          },
        ],
      },
      'base+1.0-2.5',
    ],
    [{ crashPoint: 120, lyingFrom: 105, survivors: [{ entry: 130 }] }, 'p120~105+130'],
    [{ crashPoint: 120, keptDiscards: [7, 8, 10] }, 'p120=7-8,10'],
    [{ crashPoint: 347, flip: { byte: 123456, bit: 3 } }, 'p347%123456.3'],
    [{ crashPoint: 9, survivors: [{ entry: 12 }], flip: { byte: 0, bit: 0 } }, 'p9+12%0.0'],
  ])('%j is %s', (state, text) => {
    expect(formatCrashState(state as CrashState)).toBe(text);
    expect(parseCrashState(text)).toEqual(state);
  });

  it.each([
    '',
    'p',
    '347',
    'p-1',
    'p01',
    'p1.5',
    'p1e3',
    ' p1',
    'p1 ',
    'P1',
    'BASE',
    'base0',
    'p1+',
    'p1+2,',
    'p1+2..3',
    'p1+02',
    'p1+2~3',
    'p1~',
    'p9999999999999999',
    'p1%',
    'p1%5',
    'p1%5.8',
    'p1%05.1',
    'p1%5.1+2',
    'p1%5.1,6.1',
    'p1%9999999999999999.1',
    'p１',
  ])('is not %j', (text) => {
    expect(() => parseCrashState(text)).toThrow(UsageError);
    expect(() => parseCrashState(text)).toThrow(`"${text}" is no crash state: expected "base" or "p<entry>"`);
  });

  it.each([
    ['p1+2,3', 'it is written "p1+2-3"'],
    ['p1+2-2', 'it is written "p1+2"'],
    ['p1+5,3', 'its entries and sectors must ascend'],
    ['p1+5,5', 'its entries and sectors must ascend'],
    ['p1+5.3.1', 'its entries and sectors must ascend'],
    ['p9=5,3', 'its entries and sectors must ascend'],
    ['p1+3-2', '"3-2" is no range of entries'],
    ['p1+0-9999999999', '"0-9999999999" is no range of entries'],
  ])('%s is refused: %s', (text, why) => {
    expect(() => parseCrashState(text)).toThrow(`"${text}" is no crash state: ${why}`);
  });
});
