import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { REPORT_SCHEMA } from './report-schema.ts';
import type { Report } from './report.ts';

let compiled: ValidateFunction | undefined;

/** Holds a document to the published schema. @returns what is wrong, one line each; empty when it conforms */
export function validateReport(document: unknown): string[] {
  const validate = (compiled ??= new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(REPORT_SCHEMA));
  if (validate(document)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const extra = 'additionalProperty' in params ? ` ("${String(params['additionalProperty'])}")` : '';
    return `${instancePath === '' ? 'the document' : instancePath} ${message ?? 'is not valid'}${extra}`;
  });
}

/** The same as a question that narrows the type. */
export function isReport(document: unknown): document is Report {
  return validateReport(document).length === 0;
}
