import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { messageOf, UsageError } from '../errors.ts';

export const CONFIG_EXTENSIONS = ['ts', 'mts', 'js', 'mjs', 'json', 'yaml', 'yml'] as const;

/** Where a configuration stands. `packageKey`: it is the `powercut` property of that package.json. */
export interface ConfigPlace {
  readonly path: string;
  readonly packageKey: boolean;
}

/**
 * The named file, or `powercut.config.*` of the folder, or its `package.json` if that has a `powercut` property; undefined
 * when there is none. Parent folders are not looked at: commands in it are relative to where powercut is called.
 *
 * @throws UsageError when the named file is not there, or several files would do: guessing would hide one of them
 */
export async function findConfig(directory: string, named?: string): Promise<ConfigPlace | undefined> {
  if (named !== undefined) return findNamed(resolve(directory, named));
  const candidates = CONFIG_EXTENSIONS.map((extension) => join(directory, `powercut.config.${extension}`));
  const present = await filterAsync(candidates, exists);
  if (present.length > 1) {
    throw new UsageError(
      `there is more than one configuration: ${present.join(', ')}; remove all but one, or name one with --config`,
    );
  }
  if (present[0] !== undefined) return { path: present[0], packageKey: false };
  const packageFile = join(directory, 'package.json');
  return (await hasPackageKey(packageFile)) ? { path: packageFile, packageKey: true } : undefined;
}

async function findNamed(path: string): Promise<ConfigPlace> {
  if (!(await exists(path))) throw new UsageError(`there is no configuration file ${path}`);
  return { path, packageKey: path.endsWith('/package.json') };
}

async function hasPackageKey(path: string): Promise<boolean> {
  if (!(await exists(path))) return false;
  try {
    const content: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof content === 'object' && content !== null && Object.hasOwn(content, 'powercut');
  } catch (error) {
    throw new UsageError(`cannot look for a configuration in ${path}: ${messageOf(error)}`, { cause: error });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw new UsageError(`cannot read the configuration ${path}: ${messageOf(error)}`, { cause: error });
  }
}

async function filterAsync<Item>(items: readonly Item[], keep: (item: Item) => Promise<boolean>): Promise<Item[]> {
  const kept = await Promise.all(items.map(keep));
  return items.filter((_, index) => kept[index]);
}
