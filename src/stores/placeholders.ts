import { UsageError } from '../errors.ts';
import type { CommandPhase } from './store.ts';

/** What a command is told of its crash state, by placeholders and by environment variables alike. */
export interface ContractValues {
  /** Where the file system is mounted. */
  readonly dir: string;
  /** Path of a file with the acknowledged ids, one a line. */
  readonly acked?: string;
  /** How many were acknowledged. */
  readonly count?: number;
  /** The last acknowledged id; empty when there is none. */
  readonly last?: string;
}

type Placeholder = keyof ContractValues;

const PLACEHOLDER = /\{(dir|acked|count|last)\}/g;
/** Nothing is acknowledged before the workload has run, so only these know more than the directory. */
const PHASES_WITH_ACKNOWLEDGEMENTS: readonly CommandPhase[] = ['recover', 'dump', 'check'];

/**
 * Replaces `{dir} {acked} {count} {last}` anywhere inside the arguments. What was put in is not looked at again, and
 * any other text in braces stays as it is: it may be awk or JSON.
 */
export function fillPlaceholders(argv: readonly string[], values: ContractValues): string[] {
  return argv.map((word) =>
    word.replace(PLACEHOLDER, (whole, name: string) => {
      const value = values[name as Placeholder];
      return value === undefined ? whole : String(value);
    }),
  );
}

/** @throws UsageError when a placeholder has no value in this phase, such as `{acked}` in the workload. */
export function assertPlaceholders(argv: readonly string[], phase: CommandPhase): void {
  if (PHASES_WITH_ACKNOWLEDGEMENTS.includes(phase)) return;
  for (const word of argv) {
    for (const [whole, name] of word.matchAll(PLACEHOLDER)) {
      if (name === 'dir') continue;
      throw new UsageError(
        `${whole} has no meaning in the ${phase} command (in "${word}"): nothing is acknowledged before the workload ` +
          `has run; ${phase} knows {dir} only, recover, dump and check also {acked}, {count} and {last}`,
      );
    }
  }
}

/** The same values for programs that rather read their environment. */
export function contractEnvironment(values: ContractValues): Record<string, string> {
  return {
    POWERCUT_DIR: values.dir,
    ...(values.acked !== undefined && { POWERCUT_ACKED: values.acked }),
    ...(values.count !== undefined && { POWERCUT_ACK_COUNT: String(values.count) }),
    ...(values.last !== undefined && { POWERCUT_LAST_ACK: values.last }),
  };
}
