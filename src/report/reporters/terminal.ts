import { createColours, wantsColour } from '../colour.ts';
import { createEventLines } from '../event-lines.ts';
import type { Reporter, RunEvent } from '../events.ts';
import { advance, describeProgress, IDLE } from '../progress.ts';
import type { ReporterContext } from '../reporter-context.ts';
import { summarise } from '../summary.ts';
import { REDRAW_INTERVAL_MS, StatusBlock } from './status-block.ts';

/** For a person at a terminal: one status line redrawn in place on standard error, the results on standard output. */
export function createTerminalReporter(context: ReporterContext): Reporter {
  const { stdout, stderr, environment } = context;
  const linesOf = createEventLines(createColours(wantsColour(environment, stderr.isTTY)));
  const block = new StatusBlock(stderr);
  let progress = IDLE;
  let stopTimer: (() => void) | undefined;

  const status = (): string[] => {
    const line = describeProgress(progress, context.nowMs());
    return line === undefined ? [] : [line];
  };
  const stop = (): void => {
    stopTimer?.();
    stopTimer = undefined;
    block.clear();
  };

  return {
    onEvent(event: RunEvent): void {
      const nowMs = context.nowMs();
      progress = advance(progress, event, nowMs);
      // States may be slow: the clock has to move between events too.
      stopTimer ??= context.every(REDRAW_INTERVAL_MS, () => block.draw(status(), context.nowMs()));
      const lines = linesOf(event);
      if (lines.length > 0) block.print(lines, status(), nowMs);
      else block.draw(status(), nowMs);
      if (event.type !== 'run-end') return;
      stop();
      const colours = createColours(wantsColour(environment, stdout.isTTY));
      stdout.write(`${summarise(event.report, colours).join('\n')}\n`);
    },
    close: stop,
  };
}
