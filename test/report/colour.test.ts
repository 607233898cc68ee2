import { describe, expect, it } from 'vitest';
import { createColours, PLAIN, wantsColour } from '../../src/report/colour.ts';

describe('wantsColour', () => {
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ TERM: 'dumb' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ FORCE_COLOR: 'false' }, true, false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
  ])('%j, isTTY %s', (environment, isTTY, expected) => {
    expect(wantsColour(environment, isTTY)).toBe(expected);
  });
});

describe('createColours', () => {
  it('paints, or leaves text alone', () => {
    expect(createColours(true).red('x')).toBe('\u001B[31mx\u001B[39m');
    expect(createColours(true).bold('')).toBe('');
    expect(PLAIN.red('x')).toBe('x');
  });
});
