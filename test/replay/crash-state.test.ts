import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { formatCrashState, parseCrashState } from '../../src/replay/crash-state.ts';
import { entryIndex } from '../../src/units.ts';

describe('the text of a crash state', () => {
  it('leads back to the state', () => {
    const anyPoint = fc.option(fc.nat({ max: 2 ** 32 - 1 }).map(entryIndex), { nil: undefined });
    fc.assert(
      fc.property(anyPoint, (crashPoint) => {
        expect(parseCrashState(formatCrashState({ crashPoint }))).toEqual({ crashPoint });
      }),
    );
  });

  it('is what reports and people write', () => {
    expect(formatCrashState({ crashPoint: undefined })).toBe('base');
    expect(formatCrashState({ crashPoint: entryIndex(0) })).toBe('p0');
    expect(formatCrashState({ crashPoint: entryIndex(347) })).toBe('p347');
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
    'p1+2',
    'p9999999999999999',
    'p１',
  ])('is not %j', (text) => {
    expect(() => parseCrashState(text)).toThrow(UsageError);
    expect(() => parseCrashState(text)).toThrow(`"${text}" is no crash state: expected "base" or "p<entry>"`);
  });
});
