import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import type { PowercutConfig } from '../../src/config/config.ts';
import { resolveConfig } from '../../src/config/resolve-config.ts';

describe('resolveConfig', () => {
  it('turns sizes and durations into numbers, and leaves the rest', () => {
    const written: PowercutConfig = {
      workload: './w {dir}',
      check: ['./c', '{acked}'],
      fs: ['xfs'],
      size: '64M',
      workloadTimeout: '10m',
      recoverTimeout: 250,
      checkTimeout: '30s',
      timeBudget: '1h',
      fromStart: false,
    };
    expect(resolveConfig(written, 'x')).toEqual({
      workload: './w {dir}',
      check: ['./c', '{acked}'],
      fs: ['xfs'],
      size: 67_108_864,
      workloadTimeout: 600_000,
      recoverTimeout: 250,
      checkTimeout: 30_000,
      timeBudget: 3_600_000,
      fromStart: false,
    });
  });

  it('adds nothing that was not said', () => {
    expect(Object.keys(resolveConfig({}, 'x'))).toEqual([]);
  });

  it.each<[PowercutConfig, string]>([
    [
      { check: './c {dir} | grep x' },
      'f.json, /check: cannot split the command "./c {dir} | grep x": no shell is used',
    ],
    [{ workload: './w {acked}' }, 'f.json, /workload: {acked} has no meaning in the workload command'],
    [{ setup: ['./s', '{last}'] }, 'f.json, /setup: {last} has no meaning in the setup command'],
    [{ fs: ['xfs', 'ex4'] }, 'f.json, /fs: "ex4" names no file system that powercut knows'],
    [{ fs: 'ext4:ro' }, 'f.json, /fs: cannot use the file system "ext4:ro"'],
    [{ size: '0M' }, 'f.json, /size: "0M" is no size'],
    [{ size: '99999999999999G' }, 'f.json, /size: "99999999999999G" is no size'],
    [{ checkTimeout: '0s' }, 'f.json, /checkTimeout: "0s" is no duration'],
    [{ ioError: 'writes' }, 'f.json, /ioError: "writes" says no window of I/O errors'],
    [{ timeBudget: '1000h' }, 'f.json, /timeBudget: "1000h" is no duration'],
  ])('refuses %j', (written, message) => {
    expect(() => resolveConfig(written, 'f.json')).toThrow(UsageError);
    expect(() => resolveConfig(written, 'f.json')).toThrow(message);
  });
});
