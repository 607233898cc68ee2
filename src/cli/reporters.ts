import type { Reporter } from '../report/events.ts';
import { multiplexReporters } from '../report/multiplexer.ts';
import { processContext } from '../report/process-context.ts';
import { createReporters } from '../report/reporters/registry.ts';
import type { Settings } from './settings.ts';

export type Reporters = Required<Reporter>;

/** @throws UsageError for an unknown name */
export function openReporters(settings: Settings): Reporters {
  const context = processContext();
  // With `--json -` standard output is the document, and nothing else may stand in it.
  const streams = settings.json === '-' ? { ...context, stdout: context.stderr } : context;
  return multiplexReporters(createReporters(settings.reporter ?? [], streams), (line) => process.stderr.write(`powercut: ${line}\n`));
}
