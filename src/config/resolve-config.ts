import { UsageError } from '../errors.ts';
import { parseFilesystemSpec } from '../filesystems/spec.ts';
import { assertPlaceholders } from '../stores/placeholders.ts';
import type { CommandPhase } from '../stores/store.ts';
import { parseDurability } from '../stores/durability.ts';
import { splitWords } from '../stores/words.ts';
import { parseByteCount } from '../units.ts';
import type { Config, ConfigDuration, PowercutConfig } from './config.ts';
import { DURATION_MS_MAX, parseDurationMs } from './duration.ts';

const PHASES: readonly CommandPhase[] = ['setup', 'workload', 'recover', 'dump', 'check'];
const SIZES = ['size', 'vmMemory'] as const;
const DURATIONS = ['workloadTimeout', 'recoverTimeout', 'checkTimeout', 'timeBudget'] as const;

/**
 * Turns sizes and durations into numbers, and makes sure of what a schema cannot: that commands need no shell and no
 * placeholder without a value, and that file systems are known.
 *
 * @param written of the shape that `validateConfig` accepts
 * @param source where it comes from, for messages: a path
 * @throws UsageError that names the source and the option
 */
export function resolveConfig(written: PowercutConfig, source: string): Config {
  for (const phase of PHASES) inOption(source, phase, () => assertCommand(written[phase], phase));
  inOption(source, 'fs', () => assertFilesystems(written.fs));
  inOption(source, 'durability', () => parseDurability(asArray(written.durability)));
  const numbers: { [Key in (typeof SIZES)[number] | (typeof DURATIONS)[number]]?: number } = {};
  for (const key of SIZES) {
    const size = written[key];
    if (size !== undefined) numbers[key] = inOption(source, key, () => resolveSize(size));
  }
  for (const key of DURATIONS) {
    const duration = written[key];
    if (duration !== undefined) numbers[key] = inOption(source, key, () => resolveDuration(duration));
  }
  const { check, ...rest } = written as Omit<PowercutConfig, keyof typeof numbers>;
  // The engine loads the function itself: it runs in another process, or in a guest.
  const judge = typeof check === 'function' ? { checkModule: source } : check === undefined ? {} : { check };
  return { ...rest, ...judge, ...numbers };
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

function inOption<Result>(source: string, option: string, resolve: () => Result): Result {
  try {
    return resolve();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(`${source}, /${option}: ${error.message}`, { cause: error });
  }
}
