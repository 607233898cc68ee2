import { messageOf } from '../errors.ts';
import type { Reporter, RunEvent } from './events.ts';

export interface NamedReporter {
  readonly name: string;
  readonly reporter: Reporter;
}

export interface Multiplexer extends Required<Reporter> {
  /** Names of those that failed, in the order in which they did. */
  readonly dropped: readonly string[];
}

/**
 * Fans out to many reporters. One that throws is noted once and dropped: a broken renderer must not cost a verdict, nor
 * its siblings their events.
 * @param note takes one line about a dropped reporter
 */
export function multiplexReporters(reporters: readonly NamedReporter[], note: (line: string) => void): Multiplexer {
  const dropped: string[] = [];
  let working = [...reporters];
  const attempt = ({ name, reporter }: NamedReporter, act: (reporter: Reporter) => void): boolean => {
    try {
      act(reporter);
      return true;
    } catch (error) {
      dropped.push(name);
      note(`the reporter "${name}" failed and is left out from here on: ${messageOf(error)}`);
      return false;
    }
  };
  return {
    dropped,
    onEvent(event: RunEvent): void {
      working = working.filter((named) => attempt(named, (reporter) => reporter.onEvent(event)));
    },
    close(failure?: string): void {
      // Taken out first, so that a second call finds nobody to close twice.
      for (const named of working.splice(0)) attempt(named, (reporter) => reporter.close?.(failure));
    },
  };
}
