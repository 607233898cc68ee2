import { messageOf } from '../errors.ts';
import type { Reporter, RunEvent } from './events.ts';

export interface NamedReporter {
  readonly name: string;
  readonly reporter: Reporter;
}

/**
 * Fans out to many reporters. One that throws is noted once and dropped: a broken renderer must not cost a verdict, nor
 * its siblings their events.
 * @param note takes one line about a dropped reporter
 */
export function multiplexReporters(
  reporters: readonly NamedReporter[],
  note: (line: string) => void,
): Required<Reporter> {
  let working = [...reporters];
  const attempt = ({ name, reporter }: NamedReporter, act: (reporter: Reporter) => void): boolean => {
    try {
      act(reporter);
      return true;
    } catch (error) {
      note(`the reporter "${name}" failed and is left out from here on: ${messageOf(error)}`);
      return false;
    }
  };
  return {
    onEvent(event: RunEvent): void {
      working = working.filter((named) => attempt(named, (reporter) => reporter.onEvent(event)));
    },
    close(): void {
      // Taken out first, so that a second call finds nobody to close twice.
      for (const named of working.splice(0)) attempt(named, (reporter) => reporter.close?.());
    },
  };
}
