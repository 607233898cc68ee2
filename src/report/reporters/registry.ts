import { didYouMean } from '../../closest.ts';
import { UsageError } from '../../errors.ts';
import type { NamedReporter } from '../multiplexer.ts';
import type { CreateReporter, ReporterContext } from '../reporter-context.ts';
import { createLineReporter } from './line.ts';
import { createTerminalReporter } from './terminal.ts';

/** To add a reporter: one file beside this one, and one line here. */
export const REPORTERS = {
  terminal: createTerminalReporter,
  line: createLineReporter,
} satisfies Record<string, CreateReporter>;

export type ReporterName = keyof typeof REPORTERS;

export const REPORTER_NAMES = Object.keys(REPORTERS) as readonly ReporterName[];

/**
 * The reporters of these names, each once; without names the one that suits the terminal, or the lack of one.
 * @throws UsageError for an unknown name
 */
export function createReporters(names: readonly string[], context: ReporterContext): NamedReporter[] {
  const wanted = names.length === 0 ? [defaultReporter(context)] : new Set(names.map(checkName));
  return [...wanted].map((name) => ({ name, reporter: REPORTERS[name](context) }));
}

function checkName(name: string): ReporterName {
  if (Object.hasOwn(REPORTERS, name)) return name as ReporterName;
  const known = REPORTER_NAMES.join(', ');
  throw new UsageError(`there is no reporter "${name}": expected one of ${known}${didYouMean(name, REPORTER_NAMES)}`);
}

/** Redrawing needs a terminal that understands it. CI services keep a log, whatever their terminal says it is. */
function defaultReporter({ stderr, environment }: ReporterContext): ReporterName {
  const isCi = !['', '0', 'false'].includes(environment['CI'] ?? '');
  return stderr.isTTY && environment['TERM'] !== 'dumb' && !isCi ? 'terminal' : 'line';
}
