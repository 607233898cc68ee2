import type { Assumption, Blamed, ViolationClass } from '../checks/verdict.ts';

/** Literals, since a schema is data; the types and a test hold them to what `checks` knows. */
const CLASSES = [
  'lost',
  'torn',
  'reordered',
  'corrupt',
  'ghost',
  'phantom',
  'unstated',
  'unstable',
  'wont-open',
  'unmountable',
  'fsck',
  'kernel',
] as const satisfies readonly ViolationClass[];
const ASSUMPTIONS = [
  'cache',
  'torn-512',
  'torn-4096',
  'lying-flush',
  'bit-rot',
  'io-error',
] as const satisfies readonly Assumption[];
const BLAMED = ['store', 'filesystem'] as const satisfies readonly Blamed[];

const text = (description: string) => ({ type: 'string', description }) as const;
const count = (description: string) => ({ type: 'integer', minimum: 0, description }) as const;
const milliseconds = (what: string) => ({ type: 'number', minimum: 0, description: `${what}, milliseconds` }) as const;
const arrayOf = <Items>(items: Items, description: string) => ({ type: 'array', items, description }) as const;

/** Every property is required unless it is named as optional. */
function object<P extends Record<string, unknown>>(
  properties: P,
  description: string,
  optional: readonly string[] = [],
) {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', description, properties, required, additionalProperties: false } as const;
}

const recording = object(
  {
    id: text('Name of the recording'),
    entries: count('Entries in the write log'),
    flushes: count('Entries that are a flush'),
    fuas: count('Entries that are a FUA write'),
    marks: count('Entries that are a mark'),
  },
  'Counts of a write log',
);

const states = object(
  {
    planned: count('Crash states that the strategies proposed and the store is held to'),
    distinct: count('Planned states that differ from every earlier one and can be tried'),
    tested: count('Distinct states that were tried; fewer than distinct when the run stopped early'),
    deduplicated: count('Planned states settled by a run of their twin'),
    reused: count('Tested states whose recovered tree and acknowledgements had been judged before'),
    skipped: count('Planned states with a block whose content the log does not tell'),
    violated: count('Tested states with a violated verdict'),
    unknown: count('Tested states that could not be judged'),
  },
  'Crash states',
);

const finding = object(
  {
    class: { enum: CLASSES, description: 'What is wrong' },
    blamed: { enum: BLAMED, description: 'Whose promise broke' },
    assumption: { enum: ASSUMPTIONS, description: 'The weakest thing to believe of the device for the state to occur' },
    invariant: text('Name of the violated invariant'),
    state: text('The earliest crash state that shows it, such as p347'),
    states: { type: 'integer', minimum: 1, description: 'Tested states that share this finding' },
    acked: count('Acknowledgements that count for the state'),
    message: text('One line for people, about the state'),
    reproduce: text('A command line that tries the state again'),
    lastGood: text('The nearest earlier state of the plan on which all verdicts were ok'),
  },
  'Violated verdicts of one invariant with one outcome',
  ['lastGood'],
);

const unknown = object(
  {
    reason: text('Why there is no verdict'),
    state: text('A state with this reason'),
    states: { type: 'integer', minimum: 1, description: 'Tested states with this reason' },
  },
  'States that could not be judged, by reason',
);

const lossWindow = object(
  {
    class: text('Class of operations; "default" for those without one'),
    promise: text('What the store promises of them: sync, group <= 100 ms, none'),
    operations: count('The most acknowledged operations that one crash state had lost'),
    ms: milliseconds('The greatest age of a lost one at the crash'),
    state: text('The crash state that lost the most operations'),
  },
  'The measured loss window of one class',
  ['ms', 'state'],
);

const run = object(
  {
    filesystem: text('File system and mount options, such as ext4:data=journal'),
    recording,
    strategies: arrayOf(text('Name of a strategy'), 'The strategies that proposed the states'),
    states,
    findings: arrayOf(finding, 'By the position of their state in the plan'),
    unknowns: arrayOf(unknown, 'The commonest reasons why states could not be judged'),
    durability: arrayOf(lossWindow, 'Present when a history was judged: what was lost, beside what is promised'),
    timing: object(
      {
        recordMs: milliseconds('Time to record; 0 when not known'),
        replayMs: milliseconds('Time to try the states'),
        statesPerSecond: { type: 'number', minimum: 0, description: 'Tested states per second' },
      },
      'How long it took',
    ),
  },
  'One recording replayed',
  ['unknowns', 'durability'],
);

/** JSON Schema 2020-12 of the document that `--json` writes: a published format. */
export const REPORT_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:powercut:schema:report:1',
  title: 'powercut report',
  ...object(
    {
      formatVersion: { const: 1, description: 'Raised when a reader of this version could misread the document' },
      verdict: {
        enum: ['ok', 'violated', 'unknown'],
        description: 'Violated outranks unknown (which an incomplete run is too) outranks ok',
      },
      environment: {
        ...object(
          {
            powercut: text('Version of powercut'),
            node: text('Version of Node'),
            kernel: text('Release of the kernel that tried the states'),
            runner: text('How that kernel was run, and why it was chosen'),
          },
          'Where the report was made',
        ),
        additionalProperties: { type: ['string', 'number'] },
      },
      recording: { ...recording, description: "The first run's write log" },
      runs: { ...arrayOf(run, 'One for each recording replayed'), minItems: 1 },
    },
    'What a power cut would have done',
  ),
} as const;
