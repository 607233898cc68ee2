/** Options of mkfs in a `--fs` text: `mkfs.b=1024` is `-b 1024`, `mkfs.csum=xxhash` is `--csum xxhash`, `mkfs.M` is `-M`. */
import { UsageError } from '../errors.ts';

export const MKFS_PREFIX = 'mkfs.';

export const isMkfsOption = (text: string): boolean => text.startsWith(MKFS_PREFIX);

/** Without the prefix: `b=1024`. @throws UsageError when it is not a name, or a name and a value */
export function takeMkfsOption(text: string): string {
  const option = text.slice(MKFS_PREFIX.length);
  if (/^[A-Za-z][A-Za-z0-9-]*(=.+)?$/s.test(option)) return option;
  throw new UsageError(
    `"${text}" is no option of mkfs: expected a name, then perhaps "=" and a value, as "mkfs.b=4096"`,
  );
}

/**
 * The words for mkfs. An option replaces the standard one of the same name and the one before it; a list is added to
 * instead, since of two `-O` or `-E` most programs heed the last alone.
 *
 * @param standard what the description gives when nobody asks for anything
 * @param wanted without their prefix
 * @param lists names of options whose value is a list with commas
 */
export function mkfsArguments(
  standard: readonly string[],
  wanted: readonly string[],
  lists: readonly string[] = [],
): string[] {
  const values = new Map<string, string | undefined>();
  for (const option of [...standard, ...wanted]) {
    const { name, value } = split(option);
    const before = lists.includes(name) ? values.get(name) : undefined;
    values.set(name, before === undefined ? value : [before, value].filter(Boolean).join(','));
  }
  return [...values].flatMap(([name, value]) => [flag(name), ...(value === undefined ? [] : [value])]);
}

function split(option: string): { name: string; value?: string } {
  const equals = option.indexOf('=');
  return equals === -1 ? { name: option } : { name: option.slice(0, equals), value: option.slice(equals + 1) };
}

const flag = (name: string): string => (name.length === 1 ? `-${name}` : `--${name}`);
