/** Settings, then what a recording knows, then defaults: one place where a run's options are made. */
import { delimiter, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import type { FilesystemSpec } from '../filesystems/filesystem.ts';
import { splitMountOptions } from '../filesystems/mount-flags.ts';
import { findFilesystem } from '../filesystems/registry.ts';
import { parseFilesystemSpec } from '../filesystems/spec.ts';
import { isExecutable } from '../host/find-program.ts';
import type { Manifest } from '../pipeline/manifest.ts';
import type { RecordOptions, ReplayOptions } from '../pipeline/options.ts';
import type { RunnerWish } from '../pipeline/runner.ts';
import { parseCrashState } from '../replay/crash-state.ts';
import type { CommandPhase } from '../stores/store.ts';
import { splitWords } from '../stores/words.ts';
import { formatByteCount, MIB } from '../units.ts';
import type { Settings } from './settings.ts';

const WORKLOAD_TIMEOUT_MS = 600_000;
const STATE_COMMAND_TIMEOUT_MS = 60_000;

export const DEFAULT_OUT = '.powercut';

/** One recording for each file system asked for, ext4 when none is. @throws UsageError */
export function recordOptions(settings: Settings): RecordOptions[] {
  const { fs = 'ext4' } = settings;
  const specs = (typeof fs === 'string' ? [fs] : fs).map(parseFilesystemSpec);
  return specs.map((spec) => recordOptionsOn(spec, settings));
}

function recordOptionsOn(filesystem: FilesystemSpec, settings: Settings): RecordOptions {
  splitMountOptions(filesystem.mountOptions);
  const { workload, setup, recover, dump, check } = runnableCommands(settings);
  if (!workload)
    throw new UsageError("there is no workload: give --workload './program {dir}', or a configuration file");
  const sectorBytes = settings.sectorSize ?? 512;
  return {
    ...runnerWish(settings),
    ...(setup && { setup }),
    ...(recover && { recover }),
    ...(dump && { dump }),
    ...(check && { check }),
    filesystem,
    sizeBytes: deviceBytes(settings.size, filesystem),
    sectorBytes,
    workload,
    workloadTimeoutMs: settings.workloadTimeout ?? WORKLOAD_TIMEOUT_MS,
    cwd: process.cwd(),
    env: environment(),
    outFolder: settings.out ?? DEFAULT_OUT,
  };
}

/** @param recorded commands of the recording that is replayed, for those that nobody names now */
export function replayOptions(settings: Settings, recorded?: Manifest['commands']): ReplayOptions {
  const commands = runnableCommands(settings);
  const recover = commands.recover ?? recorded?.recover;
  const { checkModule } = settings;
  const dump = commands.dump ?? recorded?.dump;
  const check = commands.check ?? (checkModule === undefined ? recorded?.check : undefined);
  const { workers, timeBudget, maxFindings, durability = [], flags } = settings;
  flags.state?.forEach(parseCrashState);
  return {
    ...runnerWish(settings),
    ...(recover && { recover }),
    ...(dump && { dump }),
    ...(check && { check }),
    ...(!check && checkModule !== undefined && { checkModule }),
    ...(flags.state && { states: flags.state }),
    ...(workers !== undefined && { workers }),
    ...(timeBudget !== undefined && { timeBudgetMs: timeBudget }),
    ...(maxFindings !== undefined && { maxFindings }),
    strategies: ['each-barrier'],
    recoverTimeoutMs: settings.recoverTimeout ?? STATE_COMMAND_TIMEOUT_MS,
    checkTimeoutMs: settings.checkTimeout ?? STATE_COMMAND_TIMEOUT_MS,
    durability: typeof durability === 'string' ? [durability] : durability,
    repeatRecovery: settings.repeatRecovery ?? false,
    fromStart: settings.fromStart ?? false,
    fsck: settings.fsck ?? false,
    reuseVerdicts: settings.reuse ?? true,
    cwd: process.cwd(),
    env: environment(),
  };
}

function runnerWish({ vm = 'auto', vmMemory }: Settings): RunnerWish {
  return { vm, ...(vmMemory !== undefined && { vmMemoryBytes: vmMemory }) };
}

type Commands = { readonly [Phase in CommandPhase]?: readonly string[] };

const PHASES: readonly CommandPhase[] = ['setup', 'workload', 'recover', 'dump', 'check'];

/** As words. A misspelt program would otherwise show only after minutes, as thousands of unknown states. */
function runnableCommands(settings: Settings): Commands {
  const commands: { [Phase in CommandPhase]?: readonly string[] } = {};
  for (const phase of PHASES) {
    const command = settings[phase];
    if (command === undefined) continue;
    const words = typeof command === 'string' ? splitWords(command) : command;
    assertRunnable(phase, words);
    commands[phase] = words;
  }
  return commands;
}

function assertRunnable(phase: CommandPhase, [program = '']: readonly string[]): void {
  const folders = program.includes('/') ? [''] : (process.env['PATH'] ?? '').split(delimiter);
  if (folders.some((folder) => isExecutable(resolve(folder, program)))) return;
  throw new UsageError(
    `the ${phase} command cannot be run: there is no program "${program}" that may be executed ` +
      `(${program.includes('/') ? `seen from ${process.cwd()}` : 'on the PATH'})`,
  );
}

function deviceBytes(wanted: number | undefined, { name }: FilesystemSpec): number {
  const { minimumBytes, defaultBytes } = findFilesystem(name)!;
  const bytes = wanted ?? defaultBytes;
  if (bytes < minimumBytes) {
    throw new UsageError(
      `--size ${formatByteCount(bytes)} is too small for ${name}: it needs ${formatByteCount(minimumBytes)}`,
    );
  }
  if (bytes % MIB !== 0) throw new UsageError(`--size must be a whole number of MiB, not ${bytes} bytes`);
  return bytes;
}

/** The caller's environment, in which the store's commands run, wherever they run. */
function environment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
