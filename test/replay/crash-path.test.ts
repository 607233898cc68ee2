import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import {
  compareCrashPaths,
  formatCrashPath,
  outerState,
  parseCrashPath,
  recoveryDepth,
  stateBefore,
} from '../../src/replay/crash-path.ts';

describe('a crash path', () => {
  it.each(['base', 'p347', 'base:p0', 'p347:p12', 'p347+349,351-353:p12', 'p347~340=120+349.0-2:p12:p3:p4:p5:p6'])(
    'is the same text again: %s',
    (text) => expect(formatCrashPath(parseCrashPath(text))).toBe(text),
  );

  it.each(['', ':p1', 'p1:', 'p1:base', 'p1:p02', 'p1:p2+3', 'p1:12', 'p1::p2', 'p1:p2:p3:p4:p5:p6:p7'])(
    'is not %j',
    (text) => expect(() => parseCrashPath(text)).toThrow(UsageError),
  );

  it('begins with a state of the recording and knows what it was cut out of', () => {
    const path = parseCrashPath('p347+349:p12:p3');
    expect(outerState('p347+349:p12:p3')).toEqual(path.outer);
    expect(formatCrashPath(stateBefore(path)!)).toBe('p347+349:p12');
    expect(stateBefore(parseCrashPath('p347'))).toBeUndefined();
    expect(['p1', 'p1:p2', 'p1:p2:p3'].map(recoveryDepth)).toEqual([0, 1, 2]);
  });

  it('is sorted by the logs, so that images go forward only', () => {
    const sorted = ['base', 'base:p3', 'p2', 'p2:p9', 'p2:p10', 'p2:p10:p1', 'p2+5', 'p2+5:p1', 'p10'];
    const paths = [...sorted].reverse().map(parseCrashPath).sort(compareCrashPaths);
    expect(paths.map(formatCrashPath)).toEqual(sorted);
  });
});
