import type { Reporter, RunEvent } from '../events.ts';
import { renderSuite, suiteOfFailure, suiteOfRun, type TestSuite } from '../junit-suite.ts';
import type { ReporterContext } from '../reporter-context.ts';
import { element } from '../xml.ts';

/** For CI services: JUnit XML, written whole at the end; a run that fails leaves a document that says so. */
export function createJunitReporter(context: ReporterContext): Reporter {
  const timestamp = context.date().toISOString().slice(0, 19);
  const write = (suites: readonly TestSuite[]): void => {
    const lines = element('testsuites', {}, suites.flatMap(renderSuite));
    context.stdout.write(`${['<?xml version="1.0" encoding="UTF-8"?>', ...lines].join('\n')}\n`);
  };
  return {
    onEvent(event: RunEvent): void {
      if (event.type !== 'run-end') return;
      const { runs, environment } = event.report;
      write(runs.map((run) => suiteOfRun(run, environment, timestamp)));
    },
    close(failure?: string): void {
      if (failure !== undefined) write([suiteOfFailure(failure, timestamp)]);
    },
  };
}
