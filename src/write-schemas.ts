/** Part of the build: the published schemas, written out from the constants that the program itself validates with. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMPARISON_SCHEMA } from './compare/comparison-schema.ts';
import { EXPECTATION_SCHEMA } from './compare/expectation-schema.ts';
import { CONFIG_SCHEMA } from './config/config-schema.ts';
import { packageFile } from './host/program-file.ts';
import { DOCTOR_SCHEMA } from './pipeline/doctor-schema.ts';
import { MANIFEST_SCHEMA } from './pipeline/manifest.ts';
import { EVENT_SCHEMA } from './report/event-schema.ts';
import { REPORT_SCHEMA } from './report/report-schema.ts';

const schemas = {
  comparison: COMPARISON_SCHEMA,
  config: CONFIG_SCHEMA,
  doctor: DOCTOR_SCHEMA,
  event: EVENT_SCHEMA,
  expectation: EXPECTATION_SCHEMA,
  manifest: MANIFEST_SCHEMA,
  report: REPORT_SCHEMA,
};
mkdirSync(packageFile('schema'), { recursive: true });
for (const [name, schema] of Object.entries(schemas)) {
  writeFileSync(join(packageFile('schema'), `${name}.schema.json`), `${JSON.stringify(schema, null, 2)}\n`);
}
