import { StepError } from '../errors.ts';
import { verdictOfRuns, type RecordingSummary, type Report, type ReportEnvironment, type RunReport } from './report.ts';

/**
 * Puts the document together. Recordings are copied field by field, so that what else the caller knows of them (a folder
 * on this machine) stays out of a published format.
 *
 * @throws StepError when there is no run to report
 */
export function makeReport(environment: ReportEnvironment, runs: readonly RunReport[]): Report {
  const published = runs.map((run) => ({ ...run, recording: pickRecording(run.recording) }));
  const first = published[0];
  if (first === undefined) throw new StepError('empty-report', 'there is no run to report: nothing was replayed');
  return { formatVersion: 1, verdict: verdictOfRuns(runs), environment, recording: first.recording, runs: published };
}

function pickRecording({ id, entries, flushes, fuas, marks }: RecordingSummary): RecordingSummary {
  return { id, entries, flushes, fuas, marks };
}
