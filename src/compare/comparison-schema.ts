import { documentValidator } from '../report/document-validator.ts';
import { findingSchema } from '../report/finding-schema.ts';
import { recordingSchema, runSchema } from '../report/report-schema.ts';
import { arrayOf, count, object, text } from '../report/schema-words.ts';
import { CAUSES } from './meaning.ts';
import { SPREADS } from './spread.ts';

const modeName = text('Name of the mode: file system and options, and the kernel where kernels are compared');
export const verdictSchema = {
  enum: ['ok', 'violated', 'unknown'],
  description: 'Violated outranks unknown (which a mode that was not run is too) outranks ok',
} as const;

const mode = object(
  {
    mode: modeName,
    filesystem: text('File system and mount options, such as ext4:data=journal'),
    kernel: text('As given to --kernel; absent when kernels were not compared'),
    verdict: verdictSchema,
    obstacle: text('Why the mode was not run; then nothing of the following is there'),
    recording: recordingSchema,
    replayKernel: text('Release of the kernel that tried the states'),
    states: runSchema.properties.states,
    cost: object(
      {
        operations: count('Acknowledgements'),
        bytes: count('Bytes written to the device, from "ready" (or the first entry) to the end of the log'),
        barriers: count('FLUSH and FUA writes in the same stretch'),
      },
      'What the workload cost in writes',
    ),
    statesPerSecond: { type: 'number', minimum: 0, description: 'Tested states per second' },
  },
  'One row of the table',
  ['kernel', 'obstacle', 'recording', 'replayKernel', 'states', 'cost', 'statesPerSecond'],
);

const { class: violationClass, blamed, assumption, duringRecovery, invariant, ...seen } = findingSchema.properties;

const sighting = object(
  { mode: modeName, state: seen.state, states: seen.states, message: seen.message, reproduce: seen.reproduce },
  'The finding on one mode',
);

const finding = object(
  {
    class: violationClass,
    blamed,
    assumption,
    duringRecovery,
    invariant,
    on: { ...arrayOf(sighting, 'The modes that show it'), minItems: 1 },
    absent: arrayOf(modeName, 'The modes that were judged to the end and do not show it'),
    open: arrayOf(modeName, 'The modes that do not show it and were not judged to the end'),
    spread: { enum: SPREADS, description: 'Which modes show it, by what they promise (docs/compare.md)' },
    cause: { enum: CAUSES, description: 'Where to look first (docs/compare.md)' },
    meaning: text('What that means, for people'),
  },
  'Violated verdicts of one invariant with one class and one assumption, over all modes',
  ['duringRecovery'],
);

/** JSON Schema 2020-12 of the document that `powercut compare --json` writes: a published format. */
export const COMPARISON_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:powercut:schema:comparison:1',
  title: 'powercut comparison',
  ...object(
    {
      formatVersion: { const: 1, description: 'Raised when a reader of this version could misread the document' },
      verdict: verdictSchema,
      environment: object({ powercut: text('Version of powercut'), node: text('Version of Node') }, 'What compared'),
      strategies: arrayOf(text('Name of a strategy'), 'The strategies that proposed the states, on every mode'),
      seed: count('What random choices followed from'),
      modes: { ...arrayOf(mode, 'In the order in which they were asked for'), minItems: 1 },
      findings: arrayOf(finding, 'By the first mode that shows them'),
      notes: arrayOf(text('One line for people'), 'What a reader of the table must know'),
    },
    'The same workload on several file systems, modes and kernels',
  ),
} as const;

/** @returns what is wrong, one line each; empty when the document conforms */
export const validateComparison = documentValidator(COMPARISON_SCHEMA);
