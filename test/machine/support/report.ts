import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Report, RunReport } from '../../../src/report/report.ts';
import { validateReport } from '../../../src/report/validate-report.ts';

/** A report that was written with `--json`, held to its published schema. */
export function readReport(path: string): Report {
  return parseReport(readFileSync(path, 'utf8'));
}

export function parseReport(text: string): Report {
  const report = JSON.parse(text) as Report;
  expect(validateReport(report)).toEqual([]);
  return report;
}

export function onlyRun({ runs }: Report): RunReport {
  expect(runs).toHaveLength(1);
  return runs[0]!;
}
