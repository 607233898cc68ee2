import { createColours, wantsColour } from '../colour.ts';
import { createEventLines } from '../event-lines.ts';
import type { Reporter, RunEvent } from '../events.ts';
import { advance, describeProgress, IDLE } from '../progress.ts';
import type { ReporterContext } from '../reporter-context.ts';
import { summarise } from '../summary.ts';

/** Often enough that a CI service does not take the job for hung, seldom enough to keep its log readable. */
export const LINE_INTERVAL_MS = 10_000;

/** For files and CI: plain lines on standard error that are never taken back, the results on standard output. */
export function createLineReporter(context: ReporterContext): Reporter {
  const { stdout, stderr, environment } = context;
  const linesOf = createEventLines(createColours(wantsColour(environment, stderr.isTTY)));
  let progress = IDLE;
  let stopTimer: (() => void) | undefined;

  const write = (lines: readonly string[]): void => {
    for (const line of lines) stderr.write(`${line}\n`);
  };
  const tell = (): void => {
    const line = describeProgress(progress, context.nowMs());
    if (line !== undefined) write([line]);
  };
  const stop = (): void => {
    stopTimer?.();
    stopTimer = undefined;
  };

  return {
    onEvent(event: RunEvent): void {
      progress = advance(progress, event, context.nowMs());
      stopTimer ??= context.every(LINE_INTERVAL_MS, tell);
      write(linesOf(event));
      if (event.type !== 'run-end') return;
      stop();
      const colours = createColours(wantsColour(environment, stdout.isTTY));
      stdout.write(`${summarise(event.report, colours).join('\n')}\n`);
    },
    close: stop,
  };
}
