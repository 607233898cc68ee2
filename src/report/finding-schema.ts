import { ASSUMPTIONS, BLAMED, VIOLATION_CLASSES } from '../checks/verdict.ts';
import { arrayOf, count, object, text } from './schema-words.ts';

const DISK_ASSUMPTIONS = [
  'cache',
  'torn-512',
  'torn-4096',
  'lying-flush',
  'io-error',
] as const satisfies readonly (typeof ASSUMPTIONS)[number][];

const spans = (description: string) => {
  const pair = { ...arrayOf(count('A position'), 'First and last, both included'), minItems: 2, maxItems: 2 } as const;
  return arrayOf(pair, description);
};

const writeClaim = object(
  {
    entries: spans('Log entries, as pairs of first and last'),
    disk: { enum: ['present', 'absent', 'torn'], description: 'Whether the write is on the disk' },
    sectors: spans('What of a torn write is there, in log sectors from its first, as pairs of first and last'),
    rule: {
      enum: ['covered-by-flush', 'fua', 'in-flight', 'behind-barrier', 'discard-undefined', 'lying-flush'],
      description: 'Why that can be',
    },
    barrier: count('The flush or FUA write that the rule is about'),
  },
  'Writes of which the same is true',
  ['sectors', 'barrier'],
);

const certificate = object(
  {
    formatVersion: { const: 1, description: 'Raised when a reader of this version could misread it' },
    state: text('The crash state that it is about'),
    log: object(
      {
        recording: text('Name of the recording'),
        sha256: text('Of the log file, in hex'),
        entries: count('Entries in the log'),
      },
      'The log that it is about',
    ),
    crashPoint: count('The entry up to which the log had been written; absent: none of it'),
    lyingFrom: count('The first flush that lied; absent: none'),
    ioErrorFrom: count(
      'The mark behind which writes had failed; absent: nothing younger is in the state or counts for it',
    ),
    cutBefore: count('The first flush or FUA write that had not completed; absent: none'),
    assumption: { enum: DISK_ASSUMPTIONS, description: 'The weakest thing to believe of the device' },
    writes: arrayOf(writeClaim, 'Every write of the log, each once'),
  },
  'Why the device can have shown this state; powercut verify proves it (docs/certificates.md)',
  ['crashPoint', 'lyingFrom', 'ioErrorFrom', 'cutBefore'],
);

export const findingSchema = object(
  {
    class: { enum: VIOLATION_CLASSES, description: 'What is wrong' },
    blamed: { enum: BLAMED, description: 'Whose promise broke' },
    assumption: { enum: ASSUMPTIONS, description: 'The weakest thing to believe of the device for the state to occur' },
    duringRecovery: { const: true, description: 'Present when the power went again while the store recovered' },
    invariant: text('Name of the violated invariant'),
    state: text('The earliest crash state that shows it, such as p347'),
    states: { type: 'integer', minimum: 1, description: 'Tested states that share this finding' },
    acked: count('Acknowledgements that count for the state'),
    message: text('One line for people, about the state'),
    reproduce: text('A command line that tries the state again'),
    lastGood: text('The nearest earlier state of the plan on which all verdicts were ok'),
    certificate,
  },
  'Violated verdicts of one invariant with one outcome',
  ['duringRecovery', 'lastGood', 'certificate'],
);
