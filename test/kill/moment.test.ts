import { describe, expect, it } from 'vitest';
import {
  drawMoment,
  formatMoment,
  measure,
  parseMoment,
  type KillMoment,
  type Measured,
} from '../../src/kill/moment.ts';
import { trialSeed } from '../../src/kill/random.ts';

/** `ready` at 100 ms, then a line every 10 ms up to 40 of them, a long pause before the last. */
const times = [100, ...Array.from({ length: 39 }, (_, index) => 110 + 10 * index), 2500];
const MEASURED = measure(times, 2510, 1);

const draw = (trials: number, measured: Measured = MEASURED, fromStart = false): KillMoment[] =>
  Array.from({ length: trials }, (_, index) => drawMoment(measured, 7, index + 1, fromStart));

describe('drawMoment', () => {
  it('gives the same moment for the same seed and trial, and others for others', () => {
    expect(draw(50)).toEqual(draw(50));
    expect(new Set(draw(50).map(formatMoment)).size).toBe(50);
    expect(drawMoment(MEASURED, 8, 1, false)).not.toEqual(drawMoment(MEASURED, 7, 1, false));
  });

  it('comes after ready, unless it need not', () => {
    expect(Math.min(...draw(400).map(({ lines }) => lines))).toBe(1);
    expect(draw(400, MEASURED, true).some(({ lines }) => lines === 0)).toBe(true);
  });

  it('hits every operation, and long pauses in proportion to their length', () => {
    const moments = draw(400);
    const hit = new Set(moments.map(({ lines }) => lines));
    expect(hit.size).toBe(41);
    const inThePause = moments.filter(({ lines, delayMs }) => lines === 40 && delayMs > 500).length;
    expect(inThePause).toBeGreaterThan(100);
  });

  it('spreads over the time of a workload that says nothing', () => {
    const delays = draw(200, measure([], 1000, 0)).map(({ lines, delayMs }) => (expect(lines).toBe(0), delayMs));
    expect(Math.max(...delays)).toBeGreaterThan(900);
    expect(Math.min(...delays)).toBeLessThan(100);
  });

  it('stays small when a workload says very much', () => {
    const many = measure(
      Array.from({ length: 123_456 }, (_, index) => index / 10),
      12_345.6,
      0,
    );
    expect(many.timesMs.length).toBeLessThan(10_003);
    for (const { lines, delayMs } of draw(200, many)) {
      expect(lines).toBeLessThanOrEqual(123_456);
      expect(delayMs).toBeLessThan(3);
    }
  });
});

describe('a moment as text', () => {
  it('is read back', () => {
    for (const moment of draw(50)) expect(parseMoment(formatMoment(moment))).toEqual(moment);
    expect(parseMoment('37')).toEqual({ lines: 37, delayMs: 0 });
  });

  it.each(['', '-1', '3+4', '3+ms', '3ms', '1e3', '+2ms'])('is refused: %j', (text) => {
    expect(() => parseMoment(text)).toThrow(/is no moment: expected lines and milliseconds, such as 37 or 37\+1\.25ms/);
  });
});

it('gives each trial a seed that a shell can calculate with', () => {
  const seeds = Array.from({ length: 1000 }, (_, trial) => trialSeed(2_147_483_647, trial));
  expect(new Set(seeds).size).toBe(1000);
  for (const seed of seeds) expect(seed >= 0 && seed < 2 ** 31 && Number.isInteger(seed)).toBe(true);
});
