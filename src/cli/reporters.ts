import { cleanLeftovers } from '../host/clean.ts';
import type { Reporter } from '../report/events.ts';
import { multiplexReporters } from '../report/multiplexer.ts';
import { processContext } from '../report/process-context.ts';
import { createReporters } from '../report/reporters/registry.ts';
import { DEFAULT_OUT } from './resolve-options.ts';
import type { Settings } from './settings.ts';

/** Every run first removes what killed ones left, and says so. */
export function cleanBeforeRun(settings: Settings, reporters: Reporters): void {
  for (const text of cleanLeftovers(settings.out ?? DEFAULT_OUT)) {
    reporters.onEvent({ type: 'note', text: `${text}, left by a run that was killed` });
  }
}

export type Reporters = Required<Reporter>;

/** @throws UsageError for an unknown name */
export function openReporters(settings: Settings): Reporters {
  const context = processContext();
  // With `--json -` standard output is the document, and nothing else may stand in it.
  const streams = settings.json === '-' ? { ...context, stdout: context.stderr } : context;
  return multiplexReporters(createReporters(settings.reporter ?? [], streams), (line) =>
    process.stderr.write(`powercut: ${line}\n`),
  );
}
