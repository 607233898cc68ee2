import { ASSUMPTIONS, VIOLATION_CLASSES } from '../checks/verdict.ts';
import { documentValidator } from '../report/document-validator.ts';
import { arrayOf, object, text } from '../report/schema-words.ts';
import { verdictSchema } from './comparison-schema.ts';

const classNames = {
  ...arrayOf({ enum: VIOLATION_CLASSES, description: 'Class of a finding' }, 'Each class once'),
  uniqueItems: true,
} as const;

const classesOf = (description: string) =>
  object(Object.fromEntries(ASSUMPTIONS.map((name) => [name, classNames])), description, ASSUMPTIONS);

const mode = object(
  {
    mode: text('Name of the mode, as the comparison has it'),
    verdict: verdictSchema,
    classes: classesOf('Classes of the findings, by what they assume of the device'),
    duringRecovery: classesOf('The same of those whose power went again during recovery; absent when there are none'),
  },
  'What is expected of one mode',
  ['duringRecovery'],
);

/** JSON Schema 2020-12 of the file of `powercut compare --expect`: a published format. */
export const EXPECTATION_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:powercut:schema:expectation:1',
  title: 'powercut expectation',
  ...object(
    {
      formatVersion: { const: 1, description: 'Raised when a reader of this version could misread the document' },
      strategies: arrayOf(text('Name of a strategy'), 'What was asked'),
      modes: arrayOf(mode, 'In any order'),
    },
    'What powercut compare is expected to find',
  ),
} as const;

/** @returns what is wrong, one line each; empty when the document conforms */
export const validateExpectation = documentValidator(EXPECTATION_SCHEMA);
