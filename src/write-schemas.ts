/** Part of the build: the published schemas, written out from the constants that the program itself validates with. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_SCHEMA } from './config/config-schema.ts';
import { packageFile } from './host/program-file.ts';
import { MANIFEST_SCHEMA } from './pipeline/manifest.ts';
import { REPORT_SCHEMA } from './report/report-schema.ts';

const schemas = { config: CONFIG_SCHEMA, manifest: MANIFEST_SCHEMA, report: REPORT_SCHEMA };
mkdirSync(packageFile('schema'), { recursive: true });
for (const [name, schema] of Object.entries(schemas)) {
  writeFileSync(join(packageFile('schema'), `${name}.schema.json`), `${JSON.stringify(schema, null, 2)}\n`);
}
