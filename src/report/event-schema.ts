import { BLAMED, VIOLATION_CLASSES } from '../checks/verdict.ts';
import type { RunEvent } from './events.ts';
import { findingSchema } from './finding-schema.ts';
import { KILL_MODES, recordingSchema, REPORT_SCHEMA, runSchema, spaceCoverage } from './report-schema.ts';
import { EVENTS_HEADER } from './reporters/json-lines.ts';
import { arrayOf, count, milliseconds, object, text } from './schema-words.ts';

const filesystem = text('File system and mount options, such as ext4:data=journal');
const runner = text('Which kernel does it, and why that one');
const state = text('A crash state, such as p347, or a trial, such as k17');

const verdict = {
  description: 'Three-valued: a state that could not be judged is unknown, never ok',
  anyOf: [
    object({ kind: { const: 'ok' } }, 'Everything held'),
    object(
      {
        kind: { const: 'violated' },
        class: { enum: VIOLATION_CLASSES, description: 'What is wrong' },
        blamed: { enum: BLAMED, description: 'Whose promise broke' },
        invariant: text('Name of the violated invariant'),
        message: text('One line for people'),
      },
      'A promise broke',
    ),
    object({ kind: { const: 'unknown' }, reason: text('Why there is no verdict') }, 'Not judged'),
  ],
} as const;

/** The document that `--json` writes, without what makes it a schema of its own. */
const { $schema: _dialect, $id: _name, title: _title, ...reportDocument } = REPORT_SCHEMA;

/** By type, what each line has beside `type` and `atMs`. */
const EVENTS = {
  note: { text: text('One line for people') },
  'record-start': { filesystem, runner },
  'record-phase': { phase: text('What is being done') },
  'record-end': {
    recording: object(
      { ...recordingSchema.properties, folder: text('Where the recording is kept') },
      recordingSchema.description,
      ['kernel'],
    ),
    durationMs: milliseconds('Time to record'),
  },
  'replay-start': {
    filesystem,
    strategies: arrayOf(text('Name of a strategy'), 'The strategies that proposed the states'),
    seed: count('What random choices follow from'),
    shard: object(
      { index: count('Which, from 1'), count: count('How many there are') },
      'Present with --shard: the part of the plan that is tried',
    ),
    runner,
    workers: count('Engines that try states at once'),
    planned: count('Crash states that the strategies proposed; fewer in the end where one run settles many'),
    distinct: count('Planned states that differ and are tried'),
    skipped: count('Planned states with a block whose content the log does not tell'),
    notes: arrayOf(text('One line for people'), 'What the verdict will not cover'),
  },
  'kill-start': {
    filesystem: text('Type of the file system on which the store runs'),
    mode: { enum: KILL_MODES, description: 'kill: SIGKILL; stop: SIGSTOP, a copy of the folder, SIGCONT' },
    seed: count('What random choices follow from'),
    trials: count('How many, the undisturbed run included'),
    writers: count('Processes of the workload at once'),
    workers: count('Trials at once'),
    notes: arrayOf(text('One line for people'), 'What the verdict will not cover'),
  },
  'kill-end': { run: runSchema },
  'state-end': {
    state,
    acked: count('Acknowledgements that count for the state'),
    verdict,
    deduplicatedStates: count('Identical planned states that this verdict settles besides'),
  },
  'space-end': {
    strategy: text('Name of the strategy'),
    start: text('The crash state that they start from, such as p347'),
    coverage: object(spaceCoverage, 'What is settled of them'),
    spared: count('Runs that were expected and are not needed'),
  },
  'recovery-planned': {
    state: text('The crash state that is recovered from'),
    states: count('Crash states to be tried besides'),
  },
  finding: { finding: findingSchema },
  'replay-end': { run: runSchema },
  'run-end': { report: reportDocument },
} as const satisfies Record<RunEvent['type'], object>;

const SENTENCES: Readonly<Record<RunEvent['type'], string>> = {
  note: 'May stand anywhere',
  'record-start': 'A recording begins',
  'record-phase': 'It comes to its next step',
  'record-end': 'A recording is made and kept',
  'replay-start': 'The crash states of a recording are planned',
  'kill-start': 'Trials begin, in which the processes of the workload are killed',
  'kill-end': 'The trials are over',
  'state-end': 'A crash state was tried, or a trial was',
  'space-end': 'All that is to be tried of the states that one power cut can leave has been',
  'recovery-planned': 'What a state writes while it recovers has been recorded',
  finding: 'A finding shows for the first time, with its counts of this moment',
  'replay-end': 'The crash states of a recording were tried',
  'run-end': 'The last line of a run that came to its end',
};

const atMs = count('Milliseconds since the stream began');

/** JSON Schema 2020-12 of one line that the reporter `jsonl` writes: a published format. */
export const EVENT_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:powercut:schema:event:1',
  title: 'powercut event',
  description: 'One line of a stream: the header, then events in their order; run-failed in place of the ends missing',
  anyOf: [
    object(
      {
        type: { const: EVENTS_HEADER.type },
        format: { const: EVENTS_HEADER.format },
        formatVersion: { const: EVENTS_HEADER.formatVersion },
      },
      'The first line',
    ),
    ...Object.entries(EVENTS).map(([type, properties]) =>
      object({ type: { const: type }, atMs, ...properties }, SENTENCES[type as RunEvent['type']], ['shard']),
    ),
    object(
      { type: { const: 'run-failed' }, atMs, message: text('Why; several lines') },
      'The last line of a run that failed or was interrupted',
    ),
  ],
};
