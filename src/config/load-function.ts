import { UsageError } from '../errors.ts';
import type { FunctionPhase } from '../stores/store.ts';
import type { CheckFunction, DumpFunction, RecoverFunction } from './config.ts';
import { readConfigModule } from './load-config.ts';

export interface ConfigFunctions {
  readonly recover: RecoverFunction;
  readonly dump: DumpFunction;
  readonly check: CheckFunction;
}

/** A function of a configuration file that has been found valid and trustworthy before. @throws UsageError */
export async function loadFunction<Phase extends FunctionPhase>(
  path: string,
  phase: Phase,
): Promise<ConfigFunctions[Phase]> {
  const found = ((await readConfigModule(path)) as Readonly<Record<string, unknown>>)[phase];
  if (typeof found === 'function') return found as ConfigFunctions[Phase];
  throw new UsageError(`${path}: its ${phase} is no function any more`);
}
