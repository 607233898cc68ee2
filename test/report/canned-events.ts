/** A whole run, as every reporter and the report's format are tested with. */
import type { Finding } from '../../src/checks/finding.ts';
import type { RunEvent } from '../../src/report/events.ts';
import { makeReport } from '../../src/report/make-report.ts';
import type { Report, RunReport } from '../../src/report/report.ts';

export const LOST: Finding = {
  class: 'lost',
  blamed: 'store',
  assumption: 'cache',
  invariant: 'check',
  state: 'p347',
  states: 35,
  acked: 12,
  message: 'acked 12, recovered 11',
  reproduce: "npx powercut replay .powercut/recordings/7f3a --state p347 --check './check {dir} {count}'",
  lastGood: 'p340',
};

export const KERNEL: Finding = {
  class: 'kernel',
  blamed: 'filesystem',
  assumption: 'torn-512',
  invariant: 'kernel-quiet',
  state: 'p3',
  states: 1,
  acked: 0,
  message: 'EXT4-fs error (device loop0): ext4_lookup:1787: inode #277: comm cat: iget: checksum invalid (and 2 more)',
  reproduce: 'npx powercut replay .powercut/recordings/7f3a --state p3',
};

export const HELD: RunReport = {
  filesystem: 'xfs',
  recording: { id: '9c01', entries: 410, flushes: 100, fuas: 3, marks: 42 },
  strategies: ['each-barrier'],
  seed: 1,
  states: { planned: 103, distinct: 100, tested: 100, deduplicated: 3, reused: 0, skipped: 0, violated: 0, unknown: 0 },
  findings: [],
  timing: { recordMs: 0, replayMs: 840, statesPerSecond: 119 },
};

export const VIOLATED: RunReport = {
  filesystem: 'ext4:data=ordered',
  recording: { id: '7f3a', entries: 2526, flushes: 1010, fuas: 12, marks: 502 },
  strategies: ['each-barrier', 'torn'],
  seed: 1,
  states: {
    planned: 1012,
    distinct: 981,
    tested: 981,
    deduplicated: 29,
    reused: 402,
    skipped: 2,
    violated: 36,
    unknown: 2,
  },
  findings: [KERNEL, LOST],
  unknowns: [
    { reason: 'the check was still running at its limit of 30 s and was stopped', state: 'p500', states: 1 },
    { reason: 'the check was ended by SIGSEGV', state: 'p501', states: 1 },
  ],
  timing: { recordMs: 2100, replayMs: 95_000, statesPerSecond: 10.3 },
};

const environment = { powercut: '0.1.0', node: 'v20.20.2', kernel: '6.1.176', runner: 'a guest, user-mode Linux' };

const { recording: _recording, ...withoutRecording } = HELD;

/** A series of trials. */
export const KILLED: RunReport = {
  ...withoutRecording,
  filesystem: 'tmpfs',
  strategies: ['SIGKILL'],
  seed: 7,
  kill: { mode: 'kill', writers: 10, disturbances: 100, killed: 99, lines: 480, workloadMs: 1200 },
  states: { ...HELD.states, planned: 100, deduplicated: 0 },
};

export const report = (...runs: RunReport[]): Report => makeReport(environment, runs);

/** A step of the clock, then an event; steps in milliseconds. */
export const CANNED: readonly (readonly [number, RunEvent])[] = [
  [0, { type: 'record-start', filesystem: 'ext4', runner: 'a guest, user-mode Linux (not running as root)' }],
  [10, { type: 'record-phase', phase: 'mkfs' }],
  [500, { type: 'record-phase', phase: 'workload' }],
  [2600, { type: 'note', text: 'the workload printed "ready" twice' }],
  [
    1000,
    {
      type: 'record-end',
      recording: { ...VIOLATED.recording!, folder: '.powercut/recordings/7f3a' },
      durationMs: 4100,
    },
  ],
  [
    5,
    {
      type: 'replay-start',
      filesystem: 'ext4',
      strategies: ['each-barrier'],
      seed: 1,
      runner: 'this kernel, 6.18.44',
      workers: 3,
      planned: 10,
      distinct: 8,
      skipped: 1,
      notes: ['no --check: only the file system and --recover are judged'],
    },
  ],
  ...[1, 2].map(
    (index) =>
      [
        400,
        { type: 'state-end', state: `p${index}`, acked: 0, verdict: { kind: 'ok' }, deduplicatedStates: 0 },
      ] as const,
  ),
  [
    400,
    {
      type: 'state-end',
      state: 'p347',
      acked: 12,
      verdict: { kind: 'violated', class: 'lost', blamed: 'store', invariant: 'check', message: LOST.message },
      deduplicatedStates: 1,
    },
  ],
  [0, { type: 'finding', finding: LOST }],
  [0, { type: 'recovery-planned', state: 'p347', states: 0 }],
  [
    0,
    {
      type: 'space-end',
      strategy: 'in-flight',
      start: 'p340',
      coverage: { states: '1267650600228229401496703205376', settled: '4', skipped: '0', runs: 1 },
      spared: 0,
    },
  ],
  ...[4, 5, 6, 7].map(
    (index) =>
      [
        4000,
        {
          type: 'state-end',
          state: `p${index}`,
          acked: 12,
          verdict: { kind: 'unknown', reason: `the check exited with status ${index}` },
          deduplicatedStates: 0,
        },
      ] as const,
  ),
  [50, { type: 'replay-end', run: VIOLATED }],
  [1, { type: 'run-end', report: report(VIOLATED) }],
];
