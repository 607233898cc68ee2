import { UsageError } from '../errors.ts';
import { parseFilesystemSpec } from '../filesystems/spec.ts';
import { parseStrategyChoice } from '../replay/strategy-choice.ts';
import { assertPlaceholders } from '../stores/placeholders.ts';
import {
  COMMAND_PHASES,
  FUNCTION_PHASES,
  type CommandPhase,
  type ConfigFunction,
  type FunctionPhase,
} from '../stores/store.ts';
import { parseDurability } from '../stores/durability.ts';
import { parseIoErrorSpec } from '../stores/io-error-spec.ts';
import { splitWords } from '../stores/words.ts';
import { parseByteCount } from '../units.ts';
import type { Config, ConfigCommand, ConfigDuration, PowercutConfig } from './config.ts';
import { DURATION_MS_MAX, parseDurationMs } from './duration.ts';

const SIZES = ['size', 'memory', 'vmMemory'] as const;
const DURATIONS = ['workloadTimeout', 'recoverTimeout', 'checkTimeout', 'timeBudget'] as const;

/**
 * Turns sizes and durations into numbers, and makes sure of what a schema cannot: that commands need no shell and no
 * placeholder without a value, and that file systems are known.
 *
 * @param written of the shape that `validateConfig` accepts
 * @param source where it comes from, for messages: a path
 * @param placeOf names an option for messages; its JSON pointer in the source unless given
 * @throws UsageError that names the place
 */
export function resolveConfig(
  written: PowercutConfig,
  source: string,
  placeOf = (option: keyof PowercutConfig): string => `${source}, /${option}`,
): Config {
  const inOption = <Result>(option: keyof PowercutConfig, resolve: () => Result): Result =>
    inPlace(placeOf(option), resolve);
  for (const phase of COMMAND_PHASES) inOption(phase, () => assertCommand(written[phase], phase));
  inOption('fs', () => assertFilesystems(written.fs));
  inOption('strategies', () => written.strategies?.map(parseStrategyChoice));
  inOption('ioError', () => written.ioError !== undefined && parseIoErrorSpec(written.ioError));
  inOption('durability', () => parseDurability(asArray(written.durability)));
  const numbers: { [Key in (typeof SIZES)[number] | (typeof DURATIONS)[number]]?: number } = {};
  for (const key of SIZES) {
    const size = written[key];
    if (size !== undefined) numbers[key] = inOption(key, () => resolveSize(size));
  }
  for (const key of DURATIONS) {
    const duration = written[key];
    if (duration !== undefined) numbers[key] = inOption(key, () => resolveDuration(duration));
  }
  const {
    recover: _recover,
    dump: _dump,
    check: _check,
    ...rest
  } = written as Omit<PowercutConfig, keyof typeof numbers>;
  return { ...rest, ...resolveSteps(written, source), ...numbers };
}

function resolveSteps(written: PowercutConfig, source: string): Pick<Config, FunctionPhase> {
  const steps: { [Phase in FunctionPhase]?: ConfigCommand | ConfigFunction } = {};
  for (const phase of FUNCTION_PHASES) {
    const step = written[phase];
    if (step !== undefined) steps[phase] = typeof step === 'function' ? { module: source } : step;
  }
  return steps;
}

function assertCommand(command: PowercutConfig[CommandPhase], phase: CommandPhase): void {
  if (command === undefined || typeof command === 'function') return;
  assertPlaceholders(typeof command === 'string' ? splitWords(command) : command, phase);
}

function assertFilesystems(specs: PowercutConfig['fs']): void {
  for (const spec of asArray(specs)) parseFilesystemSpec(spec);
}

function asArray(texts: string | readonly string[] | undefined): readonly string[] {
  return typeof texts === 'string' ? [texts] : (texts ?? []);
}

function resolveSize(size: string | number): number {
  const bytes = typeof size === 'number' ? size : parseByteCount(size);
  if (bytes !== undefined && bytes > 0) return bytes;
  throw new UsageError(`${JSON.stringify(size)} is no size: expected one such as "256M" or "1G"`);
}

function resolveDuration(duration: ConfigDuration): number {
  const durationMs = typeof duration === 'number' ? duration : parseDurationMs(duration);
  if (durationMs !== undefined) return durationMs;
  throw new UsageError(
    `${JSON.stringify(duration)} is no duration: expected one such as "500ms", "30s", "2m" or "1h", ` +
      `from 1 ms to ${DURATION_MS_MAX} ms`,
  );
}

/** Puts a place in front of what a UsageError says. */
export function inPlace<Result>(place: string, resolve: () => Result): Result {
  try {
    return resolve();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${place}: ${error.message}`, { cause: error });
  }
}
