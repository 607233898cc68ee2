import { randomInt } from 'node:crypto';
import { UsageError } from '../errors.ts';
import { SEED_LIMIT } from '../random.ts';
import { parseMoment } from '../kill/moment.ts';
import type { KillOptions } from '../pipeline/kill-options.ts';
import { assertFolder } from './assert-places.ts';
import {
  environment,
  noWorkload,
  runnableCommands,
  STATE_COMMAND_TIMEOUT_MS,
  WORKLOAD_TIMEOUT_MS,
} from './resolve-options.ts';
import type { Settings } from './settings.ts';

const TRIALS = 100;

/** @throws UsageError */
export function killOptions(settings: Settings): KillOptions {
  const steps = runnableCommands(settings);
  const { workload, setup, recover, dump, check } = steps;
  if (!workload) throw noWorkload();
  assertFolder(steps);
  const { durability = [], timeBudget, maxFindings, workers, flags } = settings;
  const { trial, at, mode = 'kill', config } = flags;
  return {
    ...(setup && { setup }),
    workload,
    ...(recover && { recover }),
    ...(dump && { dump }),
    ...(check && { check }),
    ...(config !== undefined && { configFile: config }),
    durability: typeof durability === 'string' ? [durability] : durability,
    repeatRecovery: settings.repeatRecovery ?? false,
    workloadTimeoutMs: settings.workloadTimeout ?? WORKLOAD_TIMEOUT_MS,
    recoverTimeoutMs: settings.recoverTimeout ?? STATE_COMMAND_TIMEOUT_MS,
    checkTimeoutMs: settings.checkTimeout ?? STATE_COMMAND_TIMEOUT_MS,
    mode,
    trials: settings.trials ?? TRIALS,
    ...(trial !== undefined && { trial }),
    ...(at !== undefined && { at: parseMoment(at) }),
    seed: seedOf(settings),
    writers: settings.writers ?? 1,
    ...(workers !== undefined && { workers }),
    fromStart: settings.fromStart ?? false,
    ...(timeBudget !== undefined && { timeBudgetMs: timeBudget }),
    ...(maxFindings !== undefined && { maxFindings }),
    cwd: process.cwd(),
    env: environment(),
  };
}

/** Drawn when nobody gives one; it is printed either way. */
function seedOf({ seed, flags }: Settings): number {
  if (seed !== undefined) return seed;
  if (flags.trial === undefined || flags.at !== undefined) return randomInt(SEED_LIMIT + 1);
  throw new UsageError('--trial needs the --seed of the series that it belongs to');
}
