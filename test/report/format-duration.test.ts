import { expect, it } from 'vitest';
import { formatDuration } from '../../src/report/format-duration.ts';

it.each([
  [0, '0 ms'],
  [12.4, '12 ms'],
  [999, '999 ms'],
  [999.6, '1.0 s'],
  [9840, '9.8 s'],
  [59_949, '59.9 s'],
  [59_960, '1 min 0 s'],
  [95_400, '1 min 35 s'],
  [3_599_400, '59 min 59 s'],
  [3_599_600, '1 h 0 min'],
  [7_500_000, '2 h 5 min'],
])('%d ms is %s', (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});
