import { statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { StepError, UsageError } from '../errors.ts';
import { writeDurably } from '../host/durable.ts';
import type { Report } from '../report/report.ts';
import { validateReport } from '../report/validate-report.ts';
import { writeOut } from './write-out.ts';

/** To be asked before the run, at whose end it would be too late. @throws UsageError when the file can have no place */
export function assertJsonFile(file: string | undefined): void {
  if (file === undefined || file === '-') return;
  const folder = dirname(file);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`--json ${file}: there is no folder ${folder}`);
  }
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`--json ${file}: that is a folder`);
}

/** @param file `-` for standard output @throws StepError when the report is not what its schema promises */
export async function writeJsonReport(file: string, report: Report): Promise<void> {
  const faults = validateReport(report);
  if (faults.length > 0) throw new StepError('bad-report', `the report breaks its own schema:\n${faults.join('\n')}`);
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (file === '-') await writeOut(text);
  // A pipe or device (`--json >(jq)`, /dev/stdout) cannot be replaced by a rename.
  else if (file.startsWith('/dev/') || file.startsWith('/proc/')) writeFileSync(file, text);
  else writeDurably(file, text);
}
