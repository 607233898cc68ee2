/** Flags that several commands share. Texts stay texts here: what they mean is the configuration's business. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { PowercutConfig } from '../config/config.ts';
import { FILESYSTEM_NAMES } from '../filesystems/registry.ts';
import { VM_CHOICES } from '../pipeline/runner.ts';

/** What commander hands over: everything optional, since a configuration file may say it instead. */
export interface Flags {
  fs?: string[];
  size?: string;
  sectorSize?: '512' | '4096';
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
  vmMemory?: string;
  config?: string;
  reporter?: string[];
  json?: string;
  workers?: number;
  timeBudget?: string;
  maxFindings?: number;
  fromStart?: boolean;
  fsck?: boolean;
  reuse?: boolean;
  state?: string[];
  list?: boolean;
}

/** The flags that a configuration file can say too, in its words. */
export function flagsAsConfig(flags: Flags): PowercutConfig {
  const { config: _config, state: _state, list: _list, sectorSize, reuse, ...same } = flags;
  return {
    ...same,
    ...(sectorSize && { sectorSize: sectorSize === '512' ? 512 : 4096 }),
    // Commander makes a `--no-` flag true where it is not given, which must not overrule a configuration file.
    ...(reuse === false && { reuse }),
  };
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
    .option('--check-timeout <time>', 'limit for --check, and for --dump, on each state (default: 60s)');
}

export function addDeviceFlags(command: Command): Command {
  const names = FILESYSTEM_NAMES.join(', ');
  return command
    .option(
      '--fs <spec>',
      `file system and mount options, repeatable: ${names}, ext4:data=journal (default: ext4)`,
      append,
    )
    .option('--size <bytes>', 'size of the recorded device, such as 64M or 1G (default: the file system says)')
    .addOption(
      new Option('--sector-size <bytes>', "the device's logical block (default: 512)").choices(['512', '4096']),
    );
}

export function addMachineFlags(command: Command): Command {
  const vm = new Option('--vm <kind>', 'which kernel: this one where it can, or a guest (default: auto)');
  return command
    .addOption(vm.choices([...VM_CHOICES]))
    .option('--vm-memory <bytes>', "upper bound of a guest's memory (default: 4G)")
    .option('--out <dir>', 'where recordings are kept (default: .powercut)')
    .option('--config <file>', 'configuration file (default: powercut.config.* in this folder)');
}

export function addReportFlags(command: Command): Command {
  return command
    .option('--reporter <names>', 'how to report: terminal or line, comma-separated, repeatable', appendList)
    .option('--json <file>', 'write the results as JSON (schema/report.schema.json); - for standard output');
}

export function count(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('expected a whole number from 1 up');
  }
  return value;
}

export const append = (value: string, previous: string[] | undefined): string[] => [...(previous ?? []), value];

const appendList = (value: string, previous: string[] | undefined): string[] => [
  ...(previous ?? []),
  ...value.split(',').filter(Boolean),
];
