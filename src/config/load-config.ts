import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf, UsageError } from '../errors.ts';
import type { Config } from './config.ts';
import { CONFIG_EXTENSIONS, findConfig, type ConfigPlace } from './find-config.ts';
import { resolveConfig } from './resolve-config.ts';
import { assertTrustedFile, processCaller, type Caller } from './trusted-file.ts';
import { validateConfig } from './validate-config.ts';

export interface LoadConfigOptions {
  /** Where powercut was called. */
  readonly cwd: string;
  /** `--config`, relative to the above; undefined to look for one. */
  readonly path?: string | undefined;
  /** Whose rights reading it would use; this process's unless given. */
  readonly caller?: Caller;
}

/**
 * Finds, reads and validates the configuration. No configuration at all is an empty one.
 *
 * @throws UsageError when it cannot be found or read, is not valid, or must not be trusted with root's rights
 */
export async function loadConfig({ cwd, path, caller = processCaller() }: LoadConfigOptions): Promise<Config> {
  const place = await findConfig(cwd, path);
  if (place === undefined) return {};
  // Before it is read, since reading a module runs it.
  await assertTrustedFile(place.path, caller);
  const source = place.packageKey ? `${place.path} (property "powercut")` : place.path;
  return resolveConfig(validateConfig(await readPlace(place), source), source);
}

async function readPlace(place: ConfigPlace): Promise<unknown> {
  let content: unknown;
  try {
    content = await readConfigModule(place.path);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read the configuration ${place.path}: ${messageOf(error)}`, { cause: error });
  }
  return place.packageKey ? (content as { powercut?: unknown }).powercut : content;
}

/** What a configuration file says, unchecked. */
export async function readConfigModule(path: string): Promise<unknown> {
  switch (extname(path)) {
    case '.ts':
    case '.mts':
      return importTypeScript(path);
    case '.js':
    case '.mjs':
      return defaultExport(path, await import(pathToFileURL(path).href));
    case '.json':
      return JSON.parse(await readFile(path, 'utf8'));
    case '.yaml':
    case '.yml': {
      // Not needed, and not paid for, by those who have no YAML.
      const { parse } = await import('yaml');
      return parse(await readFile(path, 'utf8'));
    }
    default:
      throw new UsageError(
        `cannot read the configuration ${path}: expected a file whose name ends in one of ${CONFIG_EXTENSIONS.join(', ')}`,
      );
  }
}

/** Node strips types itself from 22.18 on; before that, and where it is switched off, jiti does. */
async function importTypeScript(path: string): Promise<unknown> {
  if ((process.features as { typescript?: unknown }).typescript) {
    return defaultExport(path, await import(pathToFileURL(path).href));
  }
  const { createJiti } = await import('jiti');
  // No cache on the disk: it would be root's file in a folder that others share. No interop: Node has none either.
  return defaultExport(path, await createJiti(path, { fsCache: false, interopDefault: false }).import(path));
}

function defaultExport(path: string, module: unknown): unknown {
  const exported = (module as { default?: unknown }).default;
  if (exported !== undefined) return exported;
  throw new UsageError(`${path} has no default export: write \`export default { ... }\``);
}
