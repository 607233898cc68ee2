import { StepError } from '../errors.ts';
import { compareRungs } from './comparison.ts';
import { verdictOfRuns, type RecordingSummary, type Report, type ReportEnvironment, type RunReport } from './report.ts';

export interface MakeReportOptions {
  /** Also hold the runs against each other. */
  readonly compareRungs?: boolean;
}

/**
 * Puts the document together. Recordings are copied field by field, so that what else the caller knows of them (a folder
 * on this machine) stays out of a published format.
 *
 * @throws StepError when there is no run to report
 */
export function makeReport(
  environment: ReportEnvironment,
  runs: readonly RunReport[],
  options: MakeReportOptions = {},
): Report {
  if (runs.length === 0) throw new StepError('empty-report', 'there is no run to report: nothing was replayed');
  const published = runs.map((run) => (run.recording ? { ...run, recording: pickRecording(run.recording) } : run));
  const recording = published.find((run) => run.recording)?.recording;
  return {
    formatVersion: 1,
    verdict: verdictOfRuns(runs),
    environment,
    ...(recording && { recording }),
    runs: published,
    ...(options.compareRungs && { comparison: compareRungs(published) }),
  };
}

function pickRecording({ id, kernel, entries, flushes, fuas, marks }: RecordingSummary): RecordingSummary {
  return { id, ...(kernel !== undefined && { kernel }), entries, flushes, fuas, marks };
}
