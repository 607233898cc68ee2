import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { resolveConfig } from '../config/resolve-config.ts';
import { COMMAND_PHASES, type CommandPhase } from '../stores/store.ts';
import { flagOf, flagsAsConfig, type Flags } from './flags.ts';

/** What flags and configuration file say together; a flag wins. */
export interface Settings extends Config {
  /** The flags that no configuration file can say. */
  readonly flags: Pick<Flags, 'state' | 'list' | 'shard' | 'config' | 'trial' | 'at' | 'mode' | 'compareRungs'>;
  /** Commands that a flag names although the configuration file names another. */
  readonly overruled: readonly CommandPhase[];
}

/** @throws UsageError that names the option and where it stands */
export async function loadSettings(flags: Flags): Promise<Settings> {
  const fromFile = await loadConfig({ cwd: process.cwd(), path: flags.config });
  const fromFlags = resolveConfig(flagsAsConfig(flags), 'the command line', flagOf);
  const overruled = COMMAND_PHASES.filter((phase) => fromFile[phase] !== undefined && fromFlags[phase] !== undefined);
  return { ...fromFile, ...fromFlags, flags, overruled };
}
