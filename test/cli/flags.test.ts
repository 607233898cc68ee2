/** The way of what is said: words, flags, settings (with the configuration file), options of a run. */
import { chmodSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  addDeviceFlags,
  addMachineFlags,
  addReportFlags,
  addStoreFlags,
  addStrategyFlags,
  append,
  count,
  flagsAsConfig,
  type Flags,
} from '../../src/cli/flags.ts';
import { recordOptions, replayOptions } from '../../src/cli/resolve-options.ts';
import { loadSettings, type Settings } from '../../src/cli/settings.ts';
import { UsageError } from '../../src/errors.ts';
import { MIB } from '../../src/units.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const path = useTemporaryFolder();
const before = process.cwd();
beforeEach(() => {
  process.chdir(path());
  for (const name of ['workload', 'check', 'other']) {
    writeFileSync(name, '#!/bin/sh\n');
    chmodSync(name, 0o755);
  }
});
afterEach(() => process.chdir(before));

function parse(...words: readonly string[]): Flags {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  command.option('--state <id>', '', append).option('--workers <n>', '', count).option('--from-start').option('--list');
  command
    .option('--memory <bytes>')
    .option('--time-budget <time>')
    .option('--max-findings <n>', '', count)
    .option('--fsck')
    .option('--no-reuse')
    .option('--fast-forward');
  for (const add of [addStrategyFlags, addStoreFlags, addDeviceFlags, addMachineFlags, addReportFlags]) add(command);
  return command.parse(words, { from: 'user' }).opts<Flags>();
}

const settle = (...words: readonly string[]): Promise<Settings> => loadSettings(parse(...words));
const configure = (config: object): void => writeFileSync('powercut.config.json', JSON.stringify(config));
const WORKLOAD = ['--workload', './workload {dir}'];

describe('flags', () => {
  it('add up where they may be repeated', () => {
    expect(parse('--fs', 'xfs', '--fs', 'ext4:data=journal', '--state', 'p1', '--state', 'base')).toMatchObject({
      fs: ['xfs', 'ext4:data=journal'],
      state: ['p1', 'base'],
    });
    expect(parse('--reporter', 'line,terminal', '--reporter', 'json').reporter).toEqual(['line', 'terminal', 'json']);
  });

  it('say nothing that was not said', () => {
    expect(flagsAsConfig(parse())).toEqual({});
  });

  it('become the words of a configuration file', () => {
    const said = [
      '--sector-size',
      '4096',
      '--size',
      '64M',
      '--vm-memory',
      '2G',
      '--fsck',
      '--no-reuse',
      '--check-timeout',
      '5s',
    ];
    expect(flagsAsConfig(parse(...said, '--config', 'x.json', '--list', '--state', 'p1'))).toEqual({
      sectorSize: 4096,
      size: '64M',
      vmMemory: '2G',
      fsck: true,
      reuse: false,
      checkTimeout: '5s',
    });
  });

  it.each(['0', '-1', '1.5', '1e3', '', ' 1', 'two', '9007199254740993'])('do not take %j for a count', (text) => {
    expect(() => count(text)).toThrow('expected a whole number from 1 up');
  });
});

describe('settings', () => {
  it('are those of the configuration file where no flag says otherwise', async () => {
    configure({
      workload: './workload {dir}',
      check: './check {dir}',
      size: '128M',
      workers: 3,
      reporter: ['line'],
      fs: ['xfs'],
    });
    expect(await settle('--workers', '2', '--size', '64M', '--check', './other {dir} {count}')).toMatchObject({
      workload: './workload {dir}',
      check: './other {dir} {count}',
      size: 64 * MIB,
      workers: 2,
      reporter: ['line'],
      fs: ['xfs'],
    });
  });

  it('take a whole list from the flag, not a mixture', async () => {
    configure({ fs: ['xfs', 'btrfs'], reporter: ['line'] });
    expect(await settle('--fs', 'ext4', '--reporter', 'terminal')).toMatchObject({
      fs: ['ext4'],
      reporter: ['terminal'],
    });
  });

  it('let the file switch something off that no flag switches on', async () => {
    configure({ reuse: false, fsck: true });
    expect(await settle()).toMatchObject({ reuse: false, fsck: true });
  });

  it('come from the file that is named', async () => {
    configure({ workers: 3 });
    writeFileSync('other.json', JSON.stringify({ workers: 5 }));
    expect(await settle('--config', 'other.json')).toMatchObject({ workers: 5 });
  });

  it('keep the flags that no file can say', async () => {
    expect((await settle('--state', 'p1', '--list')).flags).toMatchObject({ state: ['p1'], list: true });
  });

  it.each<[string[], string]>([
    [['--size', 'big'], '--size: "big" is no size'],
    [['--check-timeout', '5'], '--check-timeout: "5" is no duration'],
    [['--vm-memory', '2X'], '--vm-memory: "2X" is no size'],
    [['--fs', 'ex4'], '--fs: "ex4" names no file system that powercut knows'],
    [['--workload', './w {count}'], '--workload: {count} has no meaning in the workload command'],
    [['--check', './c | grep x'], '--check: cannot split the command'],
  ])('refuse %j', async (words, message) => {
    await expect(settle(...words)).rejects.toThrow(UsageError);
    await expect(settle(...words)).rejects.toThrow(message);
  });
});

describe('recordOptions', () => {
  it('has defaults for everything but the workload', async () => {
    const [options, ...others] = recordOptions(await settle(...WORKLOAD));
    expect(others).toEqual([]);
    expect(options).toMatchObject({
      vm: 'auto',
      filesystem: { text: 'ext4', name: 'ext4', mountOptions: [], mkfsOptions: [] },
      sectorBytes: 512,
      workload: ['./workload', '{dir}'],
      workloadTimeoutMs: 600_000,
      outFolder: '.powercut',
      cwd: process.cwd(),
    });
    expect(Object.keys(options!)).not.toContain('check');
    expect(options!.sizeBytes % MIB).toBe(0);
    expect(options!.env['PATH']).toBe(process.env['PATH']);
  });

  it('makes one recording for each file system', async () => {
    const options = recordOptions(await settle(...WORKLOAD, '--fs', 'ext4:data=journal', '--fs', 'xfs'));
    expect(options.map(({ filesystem }) => filesystem.text)).toEqual(['ext4:data=journal', 'xfs']);
    expect(options[0]!.sizeBytes).not.toBe(options[1]!.sizeBytes);
  });

  it('refuses a recording whose judge was a function that is not to be had', async () => {
    const recorded = { cwd: '/', workload: ['w'], functions: ['recover', 'check'] as const };
    const optionsOf = async (...words: string[]) => replayOptions(await settle(...words), recorded);
    await expect(optionsOf('--recover', './other')).rejects.toThrow(
      /^the check of this recording is a function .*--check$/,
    );
    expect(await optionsOf('--recover', './other', '--check', './check')).toMatchObject({ check: ['./check'] });
  });

  it('takes what it is told', async () => {
    const words = [
      '--size',
      '512M',
      '--sector-size',
      '4096',
      '--workload-timeout',
      '90s',
      '--out',
      'runs',
      '--vm',
      'uml',
      '--io-error',
      'writes@ack:3,200ms',
    ];
    const store = ['--setup', './other {dir}', '--recover', './other', '--check', "./check '{dir}' {acked}"];
    expect(recordOptions(await settle(...WORKLOAD, ...words, ...store, '--vm-memory', '2G'))[0]).toMatchObject({
      vm: 'uml',
      vmMemoryBytes: 2048 * MIB,
      sizeBytes: 512 * MIB,
      sectorBytes: 4096,
      workloadTimeoutMs: 90_000,
      ioError: { text: 'writes@ack:3,200ms', ack: 3, lastsMs: 200 },
      outFolder: 'runs',
      setup: ['./other', '{dir}'],
      recover: ['./other'],
      check: ['./check', '{dir}', '{acked}'],
    });
  });

  it.each<[string[], string | RegExp]>([
    [[], 'there is no workload'],
    [
      ['--workload', './wrokload {dir}'],
      /the workload command cannot be run: there is no program "\.\/wrokload" .*seen from/,
    ],
    [['--workload', 'no-such-program-anywhere'], /no program "no-such-program-anywhere" .*on the PATH/],
    [['--workload', './powercut.config.json'], /no program/],
    [['--workload', '.'], /no program/],
    [['--workload', './'], /no program "\.\/"/],
    [[...WORKLOAD, '--check', './chekc'], /the check command cannot be run/],
    [[...WORKLOAD, '--fs', 'raw'], '{dir} has no meaning in the workload command'],
    [['--workload', './workload {device}', '--fs', 'raw', '--fs', 'xfs'], 'with --fs xfs'],
    [[...WORKLOAD, '--size', '1M'], /--size 1 MiB is too small for ext4: it needs /],
    [[...WORKLOAD, '--size', '256000001'], '--size must be a whole number of MiB, not 256000001 bytes'],
  ])('refuses %j before anything is done', async (words, message) => {
    configure({});
    const settings = await settle(...words);
    expect(() => recordOptions(settings)).toThrow(UsageError);
    expect(() => recordOptions(settings)).toThrow(message);
  });
});

describe('strategies', () => {
  it('are named by flags of their own, with a value or without', async () => {
    const { strategies } = replayOptions(await settle('--in-flight', '--torn=4096', '--each-write', '--seed', '7'));
    expect(strategies).toEqual([{ name: 'each-write' }, { name: 'in-flight' }, { name: 'torn', value: 4096 }]);
  });

  it('are each named once', async () => {
    configure({ strategies: ['in-flight=2', 'in-flight=64'] });
    const settings = await settle();
    expect(() => replayOptions(settings)).toThrow('the strategy in-flight is asked for twice');
  });

  it.each([
    [['--in-flight=0'], /--in-flight.*"0" is no value for in-flight: expected a whole number from 1 up/],
    [['--in-flight', './recording'], /--in-flight.*expected a whole number/],
    [['--torn=1000'], /--torn.*expected 512 or 4096/],
    [['--drop-flush=100'], /--drop-flush.*expected a percentage, 0 to 99/],
    [['--seed=x'], /--seed.*expected a whole number from 0 to 2147483647/],
  ])('%j is refused', (words, message) => {
    expect(() => parse(...words)).toThrow(message);
  });
});

describe('replayOptions', () => {
  const RECORDED = { cwd: '/', workload: ['w'], recover: ['./recover'], check: ['./check', '{dir}'] };

  it('has defaults for everything', async () => {
    const options = replayOptions(await settle());
    expect(options).toMatchObject({
      vm: 'auto',
      strategies: [{ name: 'each-barrier' }],
      recoverTimeoutMs: 60_000,
      checkTimeoutMs: 60_000,
      fromStart: false,
      fsck: false,
      reuseVerdicts: true,
      fastForward: false,
    });
    for (const key of ['states', 'workers', 'memoryBytes', 'timeBudgetMs', 'maxFindings', 'check', 'recover']) {
      expect(Object.keys(options)).not.toContain(key);
    }
  });

  it('takes what it is told', async () => {
    const words = [
      '--state',
      'p3',
      '--workers',
      '4',
      '--memory',
      '1G',
      '--time-budget',
      '10m',
      '--max-findings',
      '2',
      '--from-start',
      '--fsck',
    ];
    expect(
      replayOptions(
        await settle(...words, '--no-reuse', '--fast-forward', '--check-timeout', '500ms', '--recover-timeout', '2m'),
      ),
    ).toMatchObject({
      states: ['p3'],
      workers: 4,
      memoryBytes: 1024 * MIB,
      timeBudgetMs: 600_000,
      maxFindings: 2,
      fromStart: true,
      fsck: true,
      reuseVerdicts: false,
      fastForward: true,
      checkTimeoutMs: 500,
      recoverTimeoutMs: 120_000,
    });
  });

  it('takes the commands of the recording where nobody names others', async () => {
    expect(replayOptions(await settle(), RECORDED)).toMatchObject({
      recover: ['./recover'],
      check: ['./check', '{dir}'],
    });
    configure({ check: './other {dir}' });
    expect(replayOptions(await settle(), RECORDED)).toMatchObject({
      recover: ['./recover'],
      check: ['./other', '{dir}'],
    });
    const said = await settle('--check', './check {dir} {last}');
    expect(replayOptions(said, RECORDED)).toMatchObject({ check: ['./check', '{dir}', '{last}'] });
  });

  it('refuses what is no state before a workload is recorded for it', async () => {
    const settings = await settle('--state', 'p01');
    expect(() => replayOptions(settings)).toThrow('--state: "p01" is no crash state');
  });
});
