import { documentValidator } from './document-validator.ts';
import { REPORT_SCHEMA } from './report-schema.ts';
import type { Report } from './report.ts';

/** Holds a document to the published schema. @returns what is wrong, one line each; empty when it conforms */
export const validateReport = documentValidator(REPORT_SCHEMA);

/** The same as a question that narrows the type. */
export function isReport(document: unknown): document is Report {
  return validateReport(document).length === 0;
}
