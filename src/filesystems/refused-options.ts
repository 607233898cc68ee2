import { UsageError } from '../errors.ts';
import type { Filesystem } from './filesystem.ts';

/** mkfs prints something and ends; nothing is made. */
const MAKES_NOTHING = 'mkfs would make nothing';

const REFUSED_EVERYWHERE: Readonly<Record<string, string>> = { 'mkfs.V': MAKES_NOTHING, 'mkfs.help': MAKES_NOTHING };

/**
 * @param options with the prefix of those for mkfs
 * @throws UsageError for one that cannot work on this file system
 */
export function assertOptions(options: readonly string[], filesystem: Filesystem): void {
  const reasons = { ...REFUSED_EVERYWHERE, ...filesystem.refusedOptions };
  for (const option of options) {
    const [name = '', value = ''] = option.split('=', 2);
    const key = [option, `${name}=${value}`, name].find((each) => Object.hasOwn(reasons, each));
    const reason = filesystem.refusesOptions ?? (key === undefined ? undefined : reasons[key]);
    if (reason !== undefined) throw new UsageError(`the option "${option}" cannot be used: ${reason}; leave it out`);
  }
}
