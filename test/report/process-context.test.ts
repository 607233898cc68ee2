import { afterEach, describe, expect, it, vi } from 'vitest';
import { processContext } from '../../src/report/process-context.ts';

describe('processContext', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('writes to the streams of this process', () => {
    const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const context = processContext();
    context.stdout.write('result\n');
    context.stderr.write('progress\n');
    expect(stdout.mock.calls).toEqual([['result\n']]);
    expect(stderr.mock.calls).toEqual([['progress\n']]);
    expect(context.environment).toBe(process.env);
  });

  it('has a clock that never goes back', () => {
    const context = processContext();
    const before = context.nowMs();
    expect(context.nowMs()).toBeGreaterThanOrEqual(before);
  });

  it('calls again and again until told to stop', () => {
    vi.useFakeTimers();
    const act = vi.fn();
    const stop = processContext().every(100, act);
    vi.advanceTimersByTime(350);
    stop();
    vi.advanceTimersByTime(350);
    expect(act).toHaveBeenCalledTimes(3);
  });
});
