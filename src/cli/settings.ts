import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { resolveConfig } from '../config/resolve-config.ts';
import { flagsAsConfig, type Flags } from './flags.ts';

/** What flags and configuration file say together; a flag wins. */
export interface Settings extends Config {
  /** The flags that no configuration file can say. */
  readonly flags: Pick<Flags, 'state' | 'list'>;
}

/** @throws UsageError that names the option and where it stands */
export async function loadSettings(flags: Flags): Promise<Settings> {
  const fromFile = await loadConfig({ cwd: process.cwd(), path: flags.config });
  const fromFlags = resolveConfig(flagsAsConfig(flags), 'the command line');
  return { ...fromFile, ...fromFlags, flags };
}
