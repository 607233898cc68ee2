import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it, vi } from 'vitest';
import { COMPARISON_SCHEMA } from '../src/compare/comparison-schema.ts';
import { EXPECTATION_SCHEMA } from '../src/compare/expectation-schema.ts';
import { CONFIG_SCHEMA } from '../src/config/config-schema.ts';
import { DOCTOR_SCHEMA } from '../src/pipeline/doctor-schema.ts';
import { MANIFEST_SCHEMA } from '../src/pipeline/manifest.ts';
import { EVENT_SCHEMA } from '../src/report/event-schema.ts';
import { REPORT_SCHEMA } from '../src/report/report-schema.ts';
import { useTemporaryFolder } from './support/temporary-folder.ts';

const path = useTemporaryFolder();
const SCHEMAS: Readonly<Record<string, object>> = {
  comparison: COMPARISON_SCHEMA,
  config: CONFIG_SCHEMA,
  doctor: DOCTOR_SCHEMA,
  event: EVENT_SCHEMA,
  expectation: EXPECTATION_SCHEMA,
  manifest: MANIFEST_SCHEMA,
  report: REPORT_SCHEMA,
};

describe('write-schemas', () => {
  it('writes each schema that the program validates with, and nothing else', async () => {
    // It writes into the package when it is imported; here, into a folder of this test's.
    vi.doMock('../src/host/program-file.ts', () => ({ packageFile: (name: string) => path(name) }));
    await import('../src/write-schemas.ts');
    vi.doUnmock('../src/host/program-file.ts');
    expect(readdirSync(path('schema')).sort()).toEqual(Object.keys(SCHEMAS).map((name) => `${name}.schema.json`));
    for (const [name, schema] of Object.entries(SCHEMAS)) {
      expect(JSON.parse(readFileSync(path('schema', `${name}.schema.json`), 'utf8'))).toEqual(schema);
    }
  });
});

describe.each(Object.entries(SCHEMAS))('the schema of a %s', (name, schema) => {
  it('is one by its own standard, without words that ajv does not know', () => {
    expect(() => new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema)).not.toThrow();
  });

  it('has a name with a version, and a title', () => {
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `urn:powercut:schema:${name}:1`,
      title: expect.stringMatching(/^powercut /) as string,
    });
  });

  it('holds nothing that JSON cannot say', () => {
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  });
});
