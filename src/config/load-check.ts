import { UsageError } from '../errors.ts';
import type { CheckFunction } from './config.ts';
import { readConfigModule } from './load-config.ts';

/** The check of a configuration file that has been found valid and trustworthy before. @throws UsageError */
export async function loadCheck(path: string): Promise<CheckFunction> {
  const { check } = (await readConfigModule(path)) as { check?: unknown };
  if (typeof check === 'function') return check as CheckFunction;
  throw new UsageError(`${path}: its check is no function any more`);
}
