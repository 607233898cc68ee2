/** Flags that several commands share, and how their texts become values. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { parseDurationMs } from '../config/duration.ts';
import { FILESYSTEM_NAMES } from '../filesystems/registry.ts';
import { VM_CHOICES } from '../pipeline/runner.ts';
import { parseByteCount } from '../units.ts';

/** What commander hands over: everything optional, since a configuration file may say it instead. */
export interface Flags {
  fs?: string[];
  size?: number;
  sectorSize?: number;
  setup?: string;
  workload?: string;
  recover?: string;
  check?: string;
  workloadTimeout?: number;
  recoverTimeout?: number;
  checkTimeout?: number;
  out?: string;
  vm?: (typeof VM_CHOICES)[number];
  vmMemory?: number;
  config?: string;
  reporter?: string[];
  json?: string;
  eachBarrier?: boolean;
  workers?: number;
  timeBudget?: number;
  maxFindings?: number;
  fromStart?: boolean;
  fsck?: boolean;
  state?: string[];
  list?: boolean;
}

export function addStoreFlags(command: Command): Command {
  return command
    .option('--workload <command>', 'writes to {dir} and prints "ack <id>" after each durable operation')
    .option('--check <command>', 'judges a crash state; exit 0 holds, 1 violated (docs/stores.md)')
    .option('--recover <command>', "the store's own recovery, run before the check")
    .option('--setup <command>', 'runs once on the fresh file system, before recording')
    .addOption(durationOption('--workload-timeout <time>', 'limit for setup and workload, such as 30s or 10m', '10m'))
    .addOption(durationOption('--recover-timeout <time>', 'limit for --recover on each state', '60s'))
    .addOption(durationOption('--check-timeout <time>', 'limit for --check on each state', '60s'));
}

export function addDeviceFlags(command: Command): Command {
  return command
    .option('--fs <spec>', `file system and mount options, repeatable: ${FILESYSTEM_NAMES.join(', ')}, ext4:data=journal (default: ext4)`, append)
    .option('--size <bytes>', 'size of the recorded device, such as 64M or 1G', byteCount)
    .addOption(new Option('--sector-size <bytes>', "the device's logical block").choices(['512', '4096']).argParser(sectorSize));
}

export function addMachineFlags(command: Command): Command {
  return command
    .addOption(new Option('--vm <kind>', 'which kernel: this one where it can, or a guest (default: auto)').choices([...VM_CHOICES]))
    .option('--vm-memory <bytes>', "upper bound of a guest's memory, such as 2G", byteCount)
    .option('--out <dir>', 'where recordings are kept (default: .powercut)')
    .option('--config <file>', 'configuration file (default: powercut.config.* in this folder)');
}

export function addReportFlags(command: Command): Command {
  return command
    .option('--reporter <names>', 'how to report, comma-separated, repeatable (default: terminal or line)', appendList)
    .option('--json <file>', 'write the results as JSON (schema/report.schema.json); - for standard output');
}

export function count(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('expected a number from 1 up');
  return value;
}

export const append = (value: string, previous: string[] | undefined): string[] => [...(previous ?? []), value];

export function duration(text: string): number {
  const value = parseDurationMs(text);
  if (value === undefined) throw new InvalidArgumentError('expected a time such as 500ms, 30s, 5m or 1h');
  return value;
}

const appendList = (value: string, previous: string[] | undefined): string[] => [
  ...(previous ?? []),
  ...value.split(',').filter(Boolean),
];

function durationOption(flags: string, description: string, standard: string): Option {
  return new Option(flags, `${description} (default: ${standard})`).argParser(duration);
}

function byteCount(text: string): number {
  const value = parseByteCount(text);
  if (value === undefined || value === 0) throw new InvalidArgumentError('expected a size such as 64M or 1G');
  return value;
}

function sectorSize(text: string): number {
  if (text !== '512' && text !== '4096') throw new InvalidArgumentError('Allowed choices are 512, 4096.');
  return Number(text);
}
