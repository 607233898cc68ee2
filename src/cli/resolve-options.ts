/** Settings, then what a recording knows, then defaults: one place where a run's options are made. */
import { delimiter, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { inPlace } from '../config/resolve-config.ts';
import type { FilesystemSpec } from '../filesystems/filesystem.ts';
import { splitMountOptions } from '../filesystems/mount-flags.ts';
import { findFilesystem } from '../filesystems/registry.ts';
import { parseFilesystemSpec } from '../filesystems/spec.ts';
import { isExecutable } from '../host/find-program.ts';
import type { Manifest } from '../pipeline/manifest.ts';
import type { RecordOptions, ReplayOptions } from '../pipeline/options.ts';
import type { RunnerWish } from '../pipeline/runner.ts';
import { parseCrashPath } from '../replay/crash-path.ts';
import { parseShard } from '../replay/shard.ts';
import { parseStrategyChoice, type StrategyChoice } from '../replay/strategy-choice.ts';
import { parseIoErrorSpec } from '../stores/io-error-spec.ts';
import {
  COMMAND_PHASES,
  FUNCTION_PHASES,
  isFunction,
  wordsOf,
  type CommandPhase,
  type FunctionPhase,
  type StateStep,
} from '../stores/store.ts';
import { splitWords } from '../stores/words.ts';
import { formatByteCount, MIB } from '../units.ts';
import { assertPlaces } from './assert-places.ts';
import type { Settings } from './settings.ts';

export const WORKLOAD_TIMEOUT_MS = 600_000;
export const STATE_COMMAND_TIMEOUT_MS = 60_000;
/** One for all, so that a night's result differs from the last one's by the store and not by the dice. */
const DEFAULT_SEED = 1;

export const DEFAULT_OUT = '.powercut';

/** One recording for each file system asked for, ext4 when none is. @throws UsageError */
export function recordOptions(settings: Settings): RecordOptions[] {
  const { fs = 'ext4' } = settings;
  const specs = (typeof fs === 'string' ? [fs] : fs).map(parseFilesystemSpec);
  return specs.map((spec) => recordOptionsOn(spec, settings));
}

function recordOptionsOn(filesystem: FilesystemSpec, settings: Settings): RecordOptions {
  splitMountOptions(filesystem.mountOptions);
  const commands = runnableCommands(settings);
  assertPlaces(commands, filesystem);
  const { workload, setup, ...steps } = commands;
  const [recover, dump, check] = [steps.recover, steps.dump, steps.check].map(wordsOf);
  if (!workload) throw noWorkload();
  const sectorBytes = settings.sectorSize ?? 512;
  return {
    ...runnerWish(settings),
    ...(setup && { setup }),
    ...(recover && { recover }),
    ...(dump && { dump }),
    ...(check && { check }),
    functions: FUNCTION_PHASES.filter((phase) => isFunction(steps[phase])),
    filesystem,
    sizeBytes: deviceBytes(settings.size, filesystem),
    sectorBytes,
    workload,
    workloadTimeoutMs: settings.workloadTimeout ?? WORKLOAD_TIMEOUT_MS,
    ...(settings.ioError !== undefined && { ioError: parseIoErrorSpec(settings.ioError) }),
    cwd: process.cwd(),
    // So that a workload which draws at random does the same on every file system.
    env: { ...environment(), POWERCUT_SEED: String(settings.seed ?? DEFAULT_SEED) },
    outFolder: settings.out ?? DEFAULT_OUT,
  };
}

export const noWorkload = (): UsageError =>
  new UsageError("there is no workload: give --workload './program {dir}', or a configuration file");

/** @param recorded commands of the recording that is replayed, for those that nobody names now */
export function replayOptions(settings: Settings, recorded?: Manifest['commands']): ReplayOptions {
  const commands = runnableCommands(settings);
  if (recorded) assertFunctions(recorded, commands);
  const recover = commands.recover ?? recorded?.recover;
  const dump = commands.dump ?? recorded?.dump;
  const check = commands.check ?? recorded?.check;
  const { workers, memory, timeBudget, maxFindings, durability = [], flags, overruled } = settings;
  flags.state?.forEach((state) => inPlace('--state', () => parseCrashPath(state)));
  return {
    ...runnerWish(settings),
    ...(recover && { recover }),
    ...(dump && { dump }),
    ...(check && { check }),
    overruled,
    ...(flags.config !== undefined && { configFile: resolve(flags.config) }),
    ...(flags.state && { states: flags.state }),
    ...(flags.shard !== undefined && { shard: parseShard(flags.shard) }),
    ...(workers !== undefined && { workers }),
    ...(memory !== undefined && { memoryBytes: memory }),
    ...(timeBudget !== undefined && { timeBudgetMs: timeBudget }),
    ...(maxFindings !== undefined && { maxFindings }),
    strategies: chosenStrategies(settings),
    seed: settings.seed ?? DEFAULT_SEED,
    duringRecovery: Number(settings.duringRecovery ?? 0),
    recoverTimeoutMs: settings.recoverTimeout ?? STATE_COMMAND_TIMEOUT_MS,
    checkTimeoutMs: settings.checkTimeout ?? STATE_COMMAND_TIMEOUT_MS,
    durability: typeof durability === 'string' ? [durability] : durability,
    repeatRecovery: settings.repeatRecovery ?? false,
    fromStart: settings.fromStart ?? false,
    fsck: settings.fsck ?? false,
    reuseVerdicts: settings.reuse ?? true,
    fastForward: settings.fastForward ?? false,
    scratchDisk: settings.scratchDisk ?? 'auto',
    cwd: process.cwd(),
    env: environment(),
  };
}

/**
 * Without the function that was its judge, a recording would be found in order whatever is on the disks.
 * @throws UsageError when nobody names it, nor anything in its place
 */
function assertFunctions({ functions = [] }: Manifest['commands'], commands: Commands): void {
  const gone = functions.find((phase) => commands[phase] === undefined);
  if (gone === undefined) return;
  throw new UsageError(
    `the ${gone} of this recording is a function of a configuration file, and there is none here that has it: ` +
      `name the file with --config, or a command in its place with --${gone}`,
  );
}

/** @throws UsageError for one that is named twice: the same states would count twice as settled */
function chosenStrategies({ strategies = ['each-barrier'] }: Settings): StrategyChoice[] {
  const chosen = strategies.map(parseStrategyChoice);
  const twice = chosen.find(({ name }, at) => chosen.findIndex((each) => each.name === name) < at);
  if (twice) throw new UsageError(`the strategy ${twice.name} is asked for twice; one of the two is enough`);
  return chosen;
}

function runnerWish({ vm = 'auto', vmMemory, kernel }: Settings): RunnerWish {
  return {
    vm,
    ...(vmMemory !== undefined && { vmMemoryBytes: vmMemory }),
    ...(kernel !== undefined && { kernel }),
  };
}

type Commands = { [Phase in CommandPhase]?: Phase extends FunctionPhase ? StateStep : readonly string[] };

/** As words. A misspelt program would otherwise show only after minutes, as thousands of unknown states. */
export function runnableCommands(settings: Settings): Commands {
  const commands: Commands = {};
  for (const phase of COMMAND_PHASES) {
    const step = settings[phase];
    if (step === undefined) continue;
    if (typeof step === 'object' && 'module' in step) {
      // Only these can be functions: the configuration's schema says so.
      commands[phase as FunctionPhase] = step;
      continue;
    }
    const words = typeof step === 'string' ? splitWords(step) : step;
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
export function environment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
