/** Flags that several commands share. Texts stay texts here: what they mean is the configuration's business. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { PowercutConfig } from '../config/config.ts';
import { FILESYSTEM_NAMES } from '../filesystems/registry.ts';
import type { KillMode } from '../kill/requests.ts';
import { SEED_LIMIT } from '../random.ts';
import { parseStrategyChoice } from '../replay/strategy-choice.ts';
import { messageOf } from '../errors.ts';
import { DEPTH_MAX } from '../replay/crash-path.ts';
import { STRATEGIES, type StrategyName } from '../replay/strategies/registry.ts';
import type { Strategy } from '../replay/strategies/strategy.ts';
import { REPORTER_NAMES } from '../report/reporters/registry.ts';
import { VM_CHOICES } from '../pipeline/runner.ts';

/** Commander's name of a flag: `each-barrier` -> `eachBarrier`. */
type CamelCase<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Name;
/** A text where a value was given. */
type StrategyFlags = { [Name in StrategyName as CamelCase<Name>]?: string | boolean };

/** What commander hands over: everything optional, since a configuration file may say it instead. */
export interface Flags extends StrategyFlags {
  fs?: string[];
  size?: string;
  sectorSize?: '512' | '4096';
  ioError?: string;
  setup?: string;
  workload?: string;
  recover?: string;
  dump?: string;
  check?: string;
  durability?: string[];
  repeatRecovery?: boolean;
  workloadTimeout?: string;
  recoverTimeout?: string;
  checkTimeout?: string;
  out?: string;
  vm?: (typeof VM_CHOICES)[number];
  kernel?: string;
  vmMemory?: string;
  config?: string;
  reporter?: string[];
  json?: string;
  workers?: number;
  memory?: string;
  timeBudget?: string;
  maxFindings?: number;
  fromStart?: boolean;
  fsck?: boolean;
  reuse?: boolean;
  fastForward?: boolean;
  scratchDisk?: NonNullable<PowercutConfig['scratchDisk']>;
  state?: string[];
  list?: boolean;
  trials?: number;
  trial?: number;
  at?: string;
  writers?: number;
  mode?: KillMode;
  compareRungs?: boolean;
  shard?: string;
  seed?: number;
  duringRecovery?: number | true;
}

/** The flags that a configuration file can say too, in its words. */
export function flagsAsConfig(flags: Flags): PowercutConfig {
  const { config: _config, state: _state, list: _list, shard: _shard, sectorSize, reuse, ...rest } = flags;
  const { trial: _trial, at: _at, mode: _mode, compareRungs: _compareRungs, ...others } = rest;
  const { strategies, same } = takeStrategies(others);
  return {
    ...same,
    ...(strategies.length > 0 && { strategies }),
    ...(sectorSize && { sectorSize: sectorSize === '512' ? 512 : 4096 }),
    // Commander makes a `--no-` flag true where it is not given, which must not overrule a configuration file.
    ...(reuse === false && { reuse }),
  };
}

type Others = Omit<Flags, 'config' | 'state' | 'list' | 'shard' | 'sectorSize' | 'reuse'>;

/** `--in-flight=128` is the strategy `in-flight=128`. */
function takeStrategies(flags: Others): { strategies: string[]; same: Omit<Others, keyof StrategyFlags> } {
  const same: Others = { ...flags };
  const strategies: string[] = [];
  for (const name of Object.keys(STRATEGIES) as StrategyName[]) {
    const key = name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()) as keyof StrategyFlags;
    const value = flags[key];
    delete same[key];
    if (value !== undefined) strategies.push(typeof value === 'string' ? `${name}=${value}` : name);
  }
  return { strategies, same };
}

export function addStrategyFlags(command: Command): Command {
  for (const { name, summary, value } of Object.values<Strategy>(STRATEGIES)) {
    const standard = name === 'each-barrier' ? ' (default)' : '';
    if (!value) command.option(`--${name}`, `${summary}${standard}`);
    else command.option(`--${name} [${value.name}]`, `${summary}${standard}`, (text: string) => valueOf(name, text));
  }
  command.option(
    '--during-recovery [depth]',
    'after each single state that holds, cut the power again at every barrier of its recovery',
    depth,
  );
  return command.option('--seed <n>', 'what random choices follow from (default: 1)', seed);
}

/** Checked here, so that the message names the flag. */
function valueOf(name: string, text: string): string {
  try {
    parseStrategyChoice(`${name}=${text}`);
    return text;
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}

/** `checkTimeout` -> `--check-timeout`. */
export function flagOf(option: keyof PowercutConfig): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** How states are tried and judged, and when to stop. */
export function addTrialFlags(command: Command): Command {
  return command
    .option('--from-start', 'also states before the workload said "ready"')
    .option('--fsck', "run the file system's own checker on every state, after its journal recovery")
    .option(
      '--no-reuse',
      'check also what recovers to a tree that was judged before (for a store that reads more than {dir})',
    )
    .option(
      '--fast-forward',
      'ext4: apply all of the journal but its last transaction before the mount; verified on a sample (docs/speed.md)',
    )
    .addOption(
      new Option(
        '--scratch-disk <kind>',
        'what crash states are mounted from: zram is faster, for --sector-size 4096 only (default: auto; docs/speed.md)',
      ).choices(['auto', 'loop', 'zram']),
    )
    .option(
      '--durability <promise>',
      'of acknowledged operations: sync (default), group:100ms, none; cache=none for a class',
      append,
    )
    .option('--repeat-recovery', 'recover and dump every state twice, and compare')
    .option('--workers <n>', 'engines that try states at once (default: cores + 1)', count)
    .option(
      '--memory <bytes>',
      'for the disk images of all engines together; fewer engines if need be (default: 80 % of what is available)',
    )
    .option('--time-budget <time>', 'start no further state after this time, such as 10m')
    .option('--max-findings <n>', 'start no further state once there are so many findings', count);
}

export function addStoreFlags(command: Command): Command {
  return command
    .option('--workload <command>', 'writes to {dir} and prints "ack <id>" after each durable operation')
    .option('--check <command>', 'judges a crash state: exit 0 holds, 1 violated (docs/stores.md)')
    .option(
      '--dump <command>',
      'prints what the store holds; judged by the history of the workload (docs/histories.md)',
    )
    .option('--recover <command>', "the store's own recovery, run before dump and check")
    .option('--setup <command>', 'runs once on the fresh file system, before recording')
    .option('--workload-timeout <time>', 'limit for setup and workload, such as 30s or 10m (default: 10m)')
    .option('--recover-timeout <time>', 'limit for --recover on each state (default: 60s)')
    .option('--check-timeout <time>', 'limit for --check, --dump and --fsck, each, on a state (default: 60s)');
}

export function addDeviceFlags(command: Command): Command {
  const names = FILESYSTEM_NAMES.join(', ');
  return command
    .option(
      '--fs <spec>',
      `file system, repeatable: ${names}; with options, those of mkfs too: ext4:data=journal,mkfs.b=1024; raw is the bare {device} (default: ext4; docs/filesystems.md)`,
      append,
    )
    .option('--size <bytes>', 'size of the recorded device, such as 64M or 1G (default: the file system says)')
    .addOption(
      new Option('--sector-size <bytes>', "the device's logical block (default: 512)").choices(['512', '4096']),
    )
    .option(
      '--io-error <window>',
      'make writes fail while recording, from an acknowledgement on: writes@ack:3 (until one has failed), writes@ack:3,200ms (so much longer), writes@ack:3,end (docs/io-errors.md)',
    );
}

/** @param kernels whether `--kernel` may be given more than once */
export function addMachineFlags(command: Command, kernels: 'one' | 'several' = 'one'): Command {
  const kernel = 'kernel of a QEMU guest: host, a version, or a path (docs/guests.md)';
  const vm = new Option('--vm <kind>', 'which kernel: this one where it can, or a guest (default: auto)');
  return command
    .addOption(vm.choices([...VM_CHOICES]))
    .addOption(kernels === 'one' ? new Option('--kernel <which>', kernel) : repeatable('--kernel <which>', kernel))
    .option('--vm-memory <bytes>', "upper bound of a guest's memory (default: 4G)")
    .option('--out <dir>', 'where recordings are kept (default: .powercut)')
    .option('--config <file>', 'configuration file (default: powercut.config.* in this folder)');
}

export function addReporterFlag(command: Command): Command {
  return command.option(
    '--reporter <names>',
    `how to report: ${REPORTER_NAMES.join(', ')}; with a file: junit=out.xml; comma-separated, repeatable`,
    appendList,
  );
}

export function addReportFlags(command: Command): Command {
  return addReporterFlag(command).option(
    '--json <file>',
    'write the results as JSON (schema/report.schema.json); - for standard output',
  );
}

export const count = (text: string): number => wholeNumber(text, 1);
export const number = (text: string): number => wholeNumber(text, 0);

function wholeNumber(text: string, minimum: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < minimum) {
    throw new InvalidArgumentError(`expected a whole number from ${minimum} up`);
  }
  return value;
}

function depth(text: string): number {
  if (/^[1-9]$/.test(text) && Number(text) <= DEPTH_MAX) return Number(text);
  throw new InvalidArgumentError(`expected how often, from 1 to ${DEPTH_MAX}`);
}

export function seed(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= SEED_LIMIT) return value;
  throw new InvalidArgumentError(`expected a whole number from 0 to ${SEED_LIMIT}`);
}

const repeatable = (flags: string, description: string): Option =>
  new Option(flags, `${description}; repeatable`).argParser(append);

export const append = (value: string, previous: string[] | undefined): string[] => [...(previous ?? []), value];

const appendList = (value: string, previous: string[] | undefined): string[] => [
  ...(previous ?? []),
  ...value.split(',').filter(Boolean),
];
