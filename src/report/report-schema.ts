import { VIOLATION_CLASSES } from '../checks/verdict.ts';
import { findingSchema } from './finding-schema.ts';
import { arrayOf, count, milliseconds, object, text } from './schema-words.ts';

const VERDICTS = ['ok', 'violated', 'unknown'] as const;
export const KILL_MODES = ['kill', 'stop'] as const;
export const recordingSchema = object(
  {
    id: text('Name of the recording'),
    kernel: text('Release of the kernel that recorded'),
    entries: count('Entries in the write log'),
    flushes: count('Entries that are a flush'),
    fuas: count('Entries that are a FUA write'),
    marks: count('Entries that are a mark'),
  },
  'Counts of a write log, and what made it',
  ['kernel'],
);

const states = object(
  {
    planned: count('Crash states that the strategies proposed and the store is held to'),
    distinct: count('Planned states that differ from every earlier one and can be tried'),
    tested: count('Distinct states that were tried; fewer than distinct when the run stopped early'),
    deduplicated: count('Planned states settled by a run of their twin'),
    reused: count('Tested states whose recovered tree and acknowledgements had been judged before'),
    fastForwarded: count('Tested states whose journal was applied, but for its last transaction, before the mount'),
    skipped: count('Planned states with a block whose content the log does not tell'),
    violated: count('Tested states with a violated verdict'),
    unknown: count('Tested states that could not be judged'),
  },
  'Crash states',
  ['fastForwarded'],
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

const kill = object(
  {
    mode: { enum: KILL_MODES, description: 'kill: SIGKILL; stop: SIGSTOP, a copy of the folder, SIGCONT' },
    writers: { type: 'integer', minimum: 1, description: 'Processes of the workload at once' },
    disturbances: count('Trials that were to be killed or stopped: all but the undisturbed one'),
    killed: count('Trials whose moment came before the workload had ended'),
    lines: count('Lines of the contract that the workload prints undisturbed'),
    workloadMs: milliseconds('Time that it takes undisturbed'),
  },
  'Present when processes were killed instead of the power cut; a state is then a trial',
  ['lines', 'workloadMs'],
);

const decimal = (description: string): object => ({ type: 'string', pattern: '^[0-9]+$', description });
const spaces = count('Power cuts looked at: flushes, or FUA writes, with writes on their way');
const allStates = decimal('All legal states of these');

export const spaceCoverage = {
  states: decimal('All legal states'),
  settled: decimal('Those whose verdict is known, by a run of theirs or of one that reads the same'),
  skipped: decimal('Those with a block whose content the log does not tell'),
  runs: count('States that were run for that'),
};

const coverage = object(
  {
    strategy: text('Name of the strategy'),
    spaces,
    complete: count('Those of which every legal state is settled'),
    ...spaceCoverage,
    states: allStates,
  },
  'What one strategy has covered',
);

const part = { type: 'integer', minimum: 1 } as const;

const plannedCounts = (description: string) =>
  object(
    { planned: count('As in states'), distinct: count('As in states'), skipped: count('As in states') },
    description,
  );

const shard = object(
  {
    index: { ...part, description: 'Which shard this is, from 1' },
    count: { ...part, description: 'How many shards there are' },
    plan: text('Digest of the whole plan and of the log'),
    options: text('Digest of what verdicts depend on besides'),
    own: plannedCounts('What was planned for this shard'),
    whole: plannedCounts('What was planned for all shards'),
    spaces: arrayOf(
      object({ strategy: text('Name of the strategy'), spaces, states: allStates }, 'What one strategy looks at'),
      'What strategies look at between the barriers, in all shards',
    ),
    lastGood: text("The shard's last state on which all verdicts were ok"),
  },
  'Present when only a part of the plan was tried, with --shard; what merging the parts needs',
  ['lastGood'],
);

const duringRecovery = object(
  {
    depth: count('How often the power went again, at most'),
    recoveries: count('Recoveries that were recorded: those from single states that held'),
    planned: count('Barriers of what they wrote; a recovery that was not recorded any more counts as one'),
    distinct: count('Of these, disks that differ from every earlier one of the same recovery, and can be tried'),
    tested: count('Distinct ones that were tried'),
  },
  'Power cuts during recovery; their states are counted among all states too',
);

export const runSchema = object(
  {
    filesystem: text(
      'File system, options of mount and mkfs, such as ext4:data=journal,mkfs.b=1024; the type alone when nothing was recorded',
    ),
    recording: recordingSchema,
    kill,
    assumptions: arrayOf(text('A sentence'), 'What all verdicts take for granted, by the file system and its options'),
    strategies: arrayOf(text('Name of a strategy'), 'The strategies that proposed the states'),
    seed: { type: 'integer', minimum: 0, description: 'What random choices followed from' },
    shard,
    states,
    coverage: arrayOf(coverage, 'What strategies that look between the barriers have covered of all that is possible'),
    duringRecovery,
    invariants: arrayOf(text('Name of an invariant'), 'What each tested state was held to'),
    findings: arrayOf(findingSchema, 'By the position of their state in the plan'),
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
  'One recording replayed, or one series of trials',
  ['recording', 'kill', 'assumptions', 'shard', 'coverage', 'duringRecovery', 'invariants', 'unknowns', 'durability'],
);

const comparison = object(
  {
    columns: arrayOf(
      object(
        {
          rung: { enum: ['kill', 'power-cut'], description: 'What happened to the store' },
          name: text('How, and on which file system'),
          tested: count('Trials or crash states'),
          verdict: { enum: VERDICTS, description: 'Of this rung alone' },
        },
        'What one run found',
      ),
      'One for each run, in their order',
    ),
    classes: arrayOf(
      object(
        {
          class: { enum: VIOLATION_CLASSES, description: 'What is wrong' },
          states: arrayOf(count('Trials or crash states that show it'), 'One for each column'),
        },
        'Where one class of violation shows',
      ),
      'Every class that was found',
    ),
  },
  'What killing the process finds, and what cutting the power finds, in one store (--compare-rungs)',
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
        enum: VERDICTS,
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
      recording: { ...recordingSchema, description: "The first run's write log; absent when nothing was recorded" },
      runs: { ...arrayOf(runSchema, 'One for each recording replayed or series of trials'), minItems: 1 },
      comparison,
    },
    'What a power cut would have done, or the end of a process did',
    ['recording', 'comparison'],
  ),
} as const;
