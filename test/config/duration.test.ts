import { expect, it } from 'vitest';
import { DURATION_MS_MAX, parseDurationMs } from '../../src/config/duration.ts';

it.each([
  ['500ms', 500],
  ['30s', 30_000],
  [' 2m ', 120_000],
  ['1h', 3_600_000],
  ['1.5 s', 1500],
  ['0.5ms', 1],
  [`${DURATION_MS_MAX}ms`, DURATION_MS_MAX],
])('%j is %i ms', (text, durationMs) => {
  expect(parseDurationMs(text)).toBe(durationMs);
});

it.each([
  '',
  '30',
  '30 sec',
  '-1s',
  '1e3s',
  '.5s',
  's',
  '0s',
  '0.4ms',
  '25d',
  '597h',
  `${DURATION_MS_MAX + 1}ms`,
  '1h30m',
])('%j is none', (text) => {
  expect(parseDurationMs(text)).toBeUndefined();
});
