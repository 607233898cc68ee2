import { didYouMean } from '../../closest.ts';
import { UsageError } from '../../errors.ts';
import type { FileSink } from '../file-sink.ts';
import type { NamedReporter } from '../multiplexer.ts';
import type { CreateReporter, ReporterContext } from '../reporter-context.ts';
import {
  assertApart,
  distinctWishes,
  parseReporterWish,
  type ReporterOutput,
  type ReporterWish,
} from '../reporter-wish.ts';
import { createGithubReporter } from './github.ts';
import { createJsonLinesReporter } from './json-lines.ts';
import { createJunitReporter } from './junit.ts';
import { createLineReporter } from './line.ts';
import { createTerminalReporter } from './terminal.ts';

export interface ReporterDefinition {
  readonly create: CreateReporter;
  readonly output: ReporterOutput;
}

/** To add a reporter: one file beside this one, and one line here. */
export const REPORTERS = {
  terminal: { create: createTerminalReporter, output: 'lines' },
  line: { create: createLineReporter, output: 'lines' },
  jsonl: { create: createJsonLinesReporter, output: 'document' },
  junit: { create: createJunitReporter, output: 'document' },
  github: { create: createGithubReporter, output: 'elsewhere' },
} satisfies Record<string, ReporterDefinition>;

export type ReporterName = keyof typeof REPORTERS;

export const REPORTER_NAMES = Object.keys(REPORTERS) as readonly ReporterName[];

/**
 * The reporters of these words (`terminal`, `junit=out.xml`), each once; without words the ones that suit where powercut
 * runs.
 *
 * @param open opens the file of one; called when all words are found right
 * @throws UsageError for an unknown name, and for two that would write over each other
 */
export function createReporters(
  words: readonly string[],
  context: ReporterContext,
  open: (path: string) => FileSink,
): NamedReporter[] {
  const wishes = words.length === 0 ? defaultReporters(context) : distinctWishes(words.map(parseReporterWish));
  // Every name is looked up before the first file is opened, and so emptied.
  for (const { name } of wishes) definitionOf(name);
  assertApart(wishes, reporterOutput);
  return wishes.map((wish) => createReporter(wish, context, open));
}

/** @throws UsageError for an unknown name */
export const reporterOutput = (name: string): ReporterOutput => definitionOf(name).output;

function createReporter(
  { name, file }: ReporterWish,
  context: ReporterContext,
  open: (path: string) => FileSink,
): NamedReporter {
  const { create } = definitionOf(name);
  if (file === undefined) return { name, reporter: create(context) };
  const sink = open(file);
  const inner = create({ ...context, stdout: sink });
  const close = (failure?: string): void => {
    try {
      inner.close?.(failure);
    } finally {
      sink.close();
    }
  };
  return { name: `${name}=${file}`, reporter: { onEvent: (event) => inner.onEvent(event), close } };
}

function definitionOf(name: string): ReporterDefinition {
  if (Object.hasOwn(REPORTERS, name)) return REPORTERS[name as ReporterName];
  const known = REPORTER_NAMES.join(', ');
  throw new UsageError(
    `--reporter: there is no reporter "${name}": expected one of ${known}${didYouMean(name, REPORTER_NAMES)}`,
  );
}

/**
 * Redrawing needs a terminal that understands it; CI services keep a log, whatever their terminal says it is. On GitHub
 * the annotations come besides, as Vitest does it; whoever names reporters gets those and no others.
 */
function defaultReporters({ stderr, environment }: ReporterContext): ReporterWish[] {
  const isCi = !['', '0', 'false'].includes(environment['CI'] ?? '');
  const name = stderr.isTTY && environment['TERM'] !== 'dumb' && !isCi ? 'terminal' : 'line';
  return [{ name }, ...(environment['GITHUB_ACTIONS'] === 'true' ? [{ name: 'github' }] : [])];
}
