import { exitStatusOfVerdict, type Report } from '../report/report.ts';
import type { Reporters, ReportSettings } from './reporters.ts';
import { writeJsonReport } from './write-json-report.ts';

/** The end of every command that has a report. @returns its exit status */
export async function publishReport(report: Report, settings: ReportSettings, reporters: Reporters): Promise<number> {
  // First for people: should the file fail, they still have the results.
  reporters.onEvent({ type: 'run-end', report });
  if (settings.json !== undefined) await writeJsonReport(settings.json, report);
  return exitStatusOfVerdict(report.verdict);
}
