import type { Reporter, RunEvent } from '../events.ts';
import type { ReporterContext } from '../reporter-context.ts';

/** The first line: what the others are. */
export const EVENTS_HEADER = { type: 'header', format: 'powercut-events', formatVersion: 1 } as const;

/** For programs: every event as it comes, one JSON object a line (schema/event.schema.json). */
export function createJsonLinesReporter(context: ReporterContext): Reporter {
  const startMs = context.nowMs();
  const write = (line: object): void => context.stdout.write(`${JSON.stringify(line)}\n`);
  const atMs = (): number => Math.round(context.nowMs() - startMs);
  let begun = false;
  const begin = (): void => {
    if (!begun) write(EVENTS_HEADER);
    begun = true;
  };
  return {
    onEvent({ type, ...rest }: RunEvent): void {
      begin();
      write({ type, atMs: atMs(), ...rest });
    },
    close(failure?: string): void {
      if (failure === undefined) return;
      begin();
      write({ type: 'run-failed', atMs: atMs(), message: failure });
    },
  };
}
