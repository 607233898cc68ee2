import { readFileSync } from 'node:fs';
import { messageOf, UsageError } from '../errors.ts';
import type { Report } from '../report/report.ts';
import { validateReport } from '../report/validate-report.ts';

const STDIN = 0;
const FAULTS_SHOWN = 5;

/** A report that `--json` wrote. @param file `-` for standard input @throws UsageError when it is none */
export function readReport(file: string): Report {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file === '-' ? STDIN : file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file} cannot be read as a report: ${messageOf(error)}`, { cause: error });
  }
  const faults = validateReport(document);
  if (faults.length === 0) return document as Report;
  const shown = faults.slice(0, FAULTS_SHOWN).map((fault) => `  ${fault}`);
  throw new UsageError(`${file} is no report of this version of powercut:\n${shown.join('\n')}`);
}
