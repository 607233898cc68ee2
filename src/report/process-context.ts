import { appendFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { ReporterContext } from './reporter-context.ts';
import { textSinkOf } from './text-sink.ts';

/** The real streams, clock and timer; the only file of the reports that takes them from the process. */
export function processContext(): ReporterContext {
  // A failed standard output can still be told on standard error, but not the other way round.
  const stderr = textSinkOf(process.stderr, () => undefined);
  const stdout = textSinkOf(process.stdout, (line) => stderr.write(`powercut: ${line}\n`));
  return {
    stdout,
    stderr,
    environment: process.env,
    nowMs: () => performance.now(),
    date: () => new Date(),
    appendFile: (path, text) => appendFileSync(path, text),
    every(intervalMs, act) {
      const timer = setInterval(act, intervalMs).unref();
      return () => clearInterval(timer);
    },
  };
}
