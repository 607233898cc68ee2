import { arrayOf, object, text } from '../report/schema-words.ts';

const diagnosis = object(
  {
    name: text('What was looked at'),
    ok: { type: 'boolean', description: 'Whether it is there and works' },
    found: text('What was found'),
    remedy: text('One line that mends it; absent when there is nothing to mend'),
  },
  'One thing that was tried',
  ['remedy'],
);

/** JSON Schema 2020-12 of what `powercut doctor --json` prints: a published format. */
export const DOCTOR_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:powercut:schema:doctor:1',
  title: 'powercut doctor',
  ...object(
    {
      formatVersion: { const: 1, description: 'Raised when a reader of this version could misread the document' },
      record: { type: 'boolean', description: 'Whether this machine can record' },
      replay: { type: 'boolean', description: 'Whether this machine can replay' },
      diagnoses: arrayOf(diagnosis, 'What was tried'),
    },
    'What a machine can do',
  ),
} as const;
