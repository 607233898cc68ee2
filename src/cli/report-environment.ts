import { VERSION } from '../host/version.ts';
import type { Replayed } from '../pipeline/replay.ts';
import type { ReportEnvironment } from '../report/report.ts';

/** Where a report was made. @param replayed the first of its runs */
export function environmentOf({ runner }: Replayed): ReportEnvironment {
  return { powercut: VERSION, node: process.version, kernel: runner.kernel, runner: runner.description };
}
