import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { CONFIG_SCHEMA } from '../../src/config/config-schema.ts';
import { defineConfig, type PowercutConfig } from '../../src/config/config.ts';
import { validateConfig } from '../../src/config/validate-config.ts';

const FULL: Required<PowercutConfig> = {
  workload: './workload {dir}',
  setup: ['./setup', '{dir}'],
  recover: './recover {dir}',
  check: ['./check', '{dir}', '{acked}'],
  fs: ['ext4:data=journal', 'xfs'],
  size: '256M',
  sectorSize: 4096,
  ioError: 'writes@ack:3,200ms',
  strategies: ['each-barrier', 'in-flight=128'],
  duringRecovery: 2,
  seed: 7,
  workers: 3,
  memory: '1G',
  fastForward: true,
  scratchDisk: 'loop',
  workloadTimeout: '10m',
  recoverTimeout: 500,
  checkTimeout: '30s',
  timeBudget: '1h',
  maxFindings: 5,
  vmMemory: '2G',
  dump: './dump {dir}',
  durability: ['sync', 'cache=none'],
  repeatRecovery: true,
  fromStart: true,
  fsck: false,
  reuse: false,
  reporter: ['line'],
  json: 'out.json',
  out: 'here',
  kernel: 'host',
  vm: 'auto',
  trials: 1000,
  writers: 10,
};

function problemsOf(value: unknown): string {
  try {
    validateConfig(value, 'powercut.config.json');
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as UsageError).message;
  }
  throw new Error('it was accepted');
}

describe('validateConfig', () => {
  it('accepts every option, and none', () => {
    expect(validateConfig(defineConfig(FULL), 'x')).toEqual(FULL);
    expect(validateConfig({}, 'x')).toEqual({});
    expect(validateConfig({ fs: 'xfs', size: 1048576 }, 'x')).toEqual({ fs: 'xfs', size: 1048576 });
  });

  it('has a schema of the same options as the type', () => {
    const options = Object.keys(CONFIG_SCHEMA.properties).filter((name) => name !== '$schema');
    expect(options.sort()).toEqual(Object.keys(FULL).sort());
  });

  it('takes out the address of the schema', () => {
    expect(validateConfig({ $schema: './schema.json', fs: 'xfs' }, 'x')).toEqual({ fs: 'xfs' });
  });

  it('says of every wrong place what it holds and what was expected', () => {
    const wrong = {
      wrkload: './w {dir}',
      check: 7,
      recover: ['./r', 3],
      setup: [],
      fs: [],
      size: '256 apples',
      sectorSize: 1024,
      workers: 0,
      checkTimeout: '30',
      recoverTimeout: -1,
      fromStart: 'yes',
      reporter: 'line',
      vm: 'docker',
      'a/b': {},
    };
    expect(`\n${problemsOf(wrong)}\n`).toMatchInlineSnapshot(`
      "
      powercut.config.json is not a valid configuration: 14 errors
        /wrkload: there is no such option, got "./w {dir}"; did you mean "workload"?
        /a~1b: there is no such option, got {}
        /setup: expected a command: one string, or an array of words of which the first is the program, got []
        /recover/1: expected a command: one string, or an array of words of which the first is the program, got 3
        /check: expected a command: one string, or an array of words of which the first is the program, got 7
        /fs: expected a file system such as "ext4:data=journal", or an array of them, got []
        /size: expected a size such as "256M" or "1G", or a number of bytes, got "256 apples"
        /sectorSize: expected 512 or 4096, got 1024
        /workers: expected a whole number from 1 up, got 0
        /recoverTimeout: expected a duration such as "500ms", "30s", "2m" or "1h", or a number of milliseconds from 1 to 2147483647, got -1
        /checkTimeout: expected a duration such as "500ms", "30s", "2m" or "1h", or a number of milliseconds from 1 to 2147483647, got "30"
        /fromStart: expected true or false, got "yes"
        /reporter: expected an array of reporters such as "line" or "junit=out.xml", got "line"
        /vm: expected one of "auto", "off", "uml", "kvm", "tcg", got "docker"
      "
    `);
  });

  it.each([
    [null, 'got null'],
    [[], 'got []'],
    ['x', 'got "x"'],
    [() => 1, 'got function'],
    [undefined, 'got undefined'],
    [5n, 'got bigint'],
  ])('refuses what is no object: %s', (value, got) => {
    expect(problemsOf(value)).toBe(
      'powercut.config.json is not a valid configuration: 1 error\n' +
        `  (the whole file): expected an object with options of powercut, ${got}`,
    );
  });

  it('cuts long values', () => {
    expect(problemsOf({ vm: 'x'.repeat(1000) }).length).toBeLessThan(300);
  });
});
