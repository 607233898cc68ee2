import { StepError } from '../errors.ts';
import type { Report } from '../report/report.ts';
import { validateReport } from '../report/validate-report.ts';
import { assertDocumentFile, writeDocument } from './write-document.ts';

/** To be asked before the run, at whose end it would be too late. @throws UsageError when the file can have no place */
export function assertJsonFile(file: string | undefined): void {
  assertDocumentFile('--json', file);
}

/** @param file `-` for standard output @throws StepError when the report is not what its schema promises */
export async function writeJsonReport(file: string, report: Report): Promise<void> {
  const faults = validateReport(report);
  if (faults.length > 0) throw new StepError('bad-report', `the report breaks its own schema:\n${faults.join('\n')}`);
  await writeDocument(file, `${JSON.stringify(report, null, 2)}\n`);
}
