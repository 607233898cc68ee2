import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import {
  assertPlace,
  assertPlaceholders,
  contractEnvironment,
  fillPlaceholders,
} from '../../src/stores/placeholders.ts';

const all = { dir: '/mnt/s', acked: '/tmp/acked', count: 3, last: 'k3' };

describe('fillPlaceholders', () => {
  it('replaces them anywhere, again and again', () => {
    const argv = ['./check', '{dir}', '--n={count}', '{dir}/{last}:{dir}', '{acked}'];
    expect(fillPlaceholders(argv, all)).toEqual(['./check', '/mnt/s', '--n=3', '/mnt/s/k3:/mnt/s', '/tmp/acked']);
  });

  it('leaves other braces alone', () => {
    const argv = ['awk', '{print $1}', '{}', '{Dir}', '{ dir }', '{"dir":1}', '${dir}x'];
    expect(fillPlaceholders(argv, all)).toEqual([
      'awk',
      '{print $1}',
      '{}',
      '{Dir}',
      '{ dir }',
      '{"dir":1}',
      '$/mnt/sx',
    ]);
  });

  it('does not look at what it put in, and knows no replacement patterns', () => {
    expect(fillPlaceholders(['{last}'], { ...all, last: "{dir}$&$'" })).toEqual(["{dir}$&$'"]);
  });

  it('fills in nothing acknowledged as 0 and an empty word', () => {
    expect(fillPlaceholders(['{count}', '{last}'], { ...all, count: 0, last: '' })).toEqual(['0', '']);
  });

  it('leaves what has no value', () => {
    expect(fillPlaceholders(['{dir} {last}'], { dir: '/d' })).toEqual(['/d {last}']);
  });
});

describe('assertPlaceholders', () => {
  const argv = ['./p', '{dir}', '--file={acked}'];

  it.each(['recover', 'check'] as const)('allows all of them in %s', (phase) => {
    expect(() => assertPlaceholders([...argv, '{count}{last}'], phase)).not.toThrow();
  });

  it.each(['setup', 'workload'] as const)('allows only the place of the store in %s', (phase) => {
    expect(() => assertPlaceholders(['./p', '{dir}', '{device}', '{x}'], phase)).not.toThrow();
    expect(() => assertPlaceholders(argv, phase)).toThrow(UsageError);
    expect(() => assertPlaceholders(argv, phase)).toThrow(
      `{acked} has no meaning in the ${phase} command (in "--file={acked}"): nothing is acknowledged before the ` +
        `workload has run; ${phase} knows {dir} or {device} only, recover, dump and check also {acked}, {count} and {last}`,
    );
  });
});

describe('assertPlace', () => {
  it('lets a command ask for the place that there is', () => {
    expect(() => assertPlace(['./p', '{dir}', '--x={last}'], 'check', 'dir', 'with --fs ext4')).not.toThrow();
    expect(() => assertPlace(['./p', '{device}'], 'check', 'device', 'with --fs raw')).not.toThrow();
    expect(() => assertPlace(['./p', '{devices}'], 'check', 'dir', 'xfs')).not.toThrow();
  });

  it('refuses the other, which the command would get as it stands', () => {
    expect(() => assertPlace(['./p', '--at={dir}/db'], 'workload', 'device', 'with --fs raw')).toThrow(UsageError);
    expect(() => assertPlace(['./p', '--at={dir}/db'], 'workload', 'device', 'with --fs raw')).toThrow(
      '{dir} has no meaning in the workload command (in "--at={dir}/db") with --fs raw, where there is no folder: say {device}',
    );
    expect(() => assertPlace(['./p', '{device}'], 'check', 'dir', 'with --fs ext4:data=journal')).toThrow(
      'with --fs ext4:data=journal, where the store lives in a folder: say {dir}',
    );
  });
});

describe('what looks like a placeholder', () => {
  it.each([
    ['{dirr}', '{dir}'],
    ['{dri}/db', '{dir}'],
    ['{DIR}', '{dir}'],
    ['--n={cuont}', '{count}'],
    ['{counts}', '{count}'],
    ['{acket}', '{acked}'],
    ['{lst}', '{last}'],
    ['{Device}', '{device}'],
    ['{dir}/{lats}', '{last}'],
  ])('but is misspelt is refused in every command: %s', (word, meant) => {
    for (const phase of ['setup', 'workload', 'recover', 'dump', 'check'] as const) {
      expect(() => assertPlaceholders(['./p', word], phase)).toThrow(UsageError);
      expect(() => assertPlaceholders(['./p', word], phase)).toThrow(`did you mean ${meant}?`);
    }
  });

  it.each([
    '{}',
    '{print}',
    '{print $1}',
    '{ dir }',
    '{"dir":1}',
    '{"dirr":{"count":1}}',
    '{a,b}',
    '{1..3}',
    '{dir2}',
    '{key}={value}',
    '${dirs}',
    '%{last_one}',
    '{directory}',
  ])('and is none passes: %s', (word) => {
    expect(() => assertPlaceholders(['./p', word], 'check')).not.toThrow();
  });
});

describe('contractEnvironment', () => {
  it('says the same', () => {
    expect(contractEnvironment(all)).toEqual({
      POWERCUT_DIR: '/mnt/s',
      POWERCUT_ACKED: '/tmp/acked',
      POWERCUT_ACK_COUNT: '3',
      POWERCUT_LAST_ACK: 'k3',
    });
  });

  it('sets an empty last acknowledgement, but not an absent one', () => {
    expect(contractEnvironment({ dir: '/d', count: 0, last: '' })).toEqual({
      POWERCUT_DIR: '/d',
      POWERCUT_ACK_COUNT: '0',
      POWERCUT_LAST_ACK: '',
    });
    expect(contractEnvironment({ dir: '/d' })).toEqual({ POWERCUT_DIR: '/d' });
  });

  it('names the device where there is no folder', () => {
    expect(contractEnvironment({ device: '/dev/x' })).toEqual({ POWERCUT_DEVICE: '/dev/x' });
    expect(fillPlaceholders(['{device}', '{dir}'], { device: '/dev/x' })).toEqual(['/dev/x', '{dir}']);
  });
});
