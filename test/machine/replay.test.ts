/**
 * What a store's commands meet when they are run, what becomes of those that misbehave, and the flags that choose what is
 * replayed: all on one recording, of a workload that looks around while it is recorded.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import type { RunReport } from '../../src/report/report.ts';
import { leftovers } from './support/leftovers.ts';
import { CLI, powercut, runToEnd, type Run } from './support/powercut.ts';
import { program } from './support/program.ts';
import { onlyRun, parseReport, readReport } from './support/report.ts';
import { requirement } from './support/requirement.ts';
import { shared } from './support/shared.ts';
import { workFolder, type WorkFolder } from './support/work-folder.ts';

const OPERATIONS = 4;

/** What the machine looks like to a command, one fact a line. */
const LOOK_AROUND = [
  'echo "dir $1"',
  'echo "boot $(cat /proc/sys/kernel/random/boot_id)"',
  'echo "shm $(ls -A /dev/shm | wc -l)"',
  'echo "ipc $(tail -qn +2 /proc/sysvipc/{shm,sem,msg} | wc -l)"',
];

/** One of each kind that System V has; nothing removes it but a reboot. */
const LEAVE_IPC = 'ipcmk --shmem 4096 --semaphore 1 --queue >/dev/null';

/** Leaves things behind; writes; takes exactly one byte for each acknowledgement, and none besides. */
const WORKLOAD = [
  'set -eu',
  ...LOOK_AROUND,
  'touch /dev/shm/left-by-the-workload',
  LEAVE_IPC,
  // Holds the file system, the workload's output and its replies.
  'setsid bash -c \'trap "" TERM INT HUP; exec 9>"$1/held"; sleep 600\' bash "$1" &',
  'sync -f "$1"',
  'echo ready',
  `for i in {1..${OPERATIONS}}; do`,
  '  echo "value $i" >"$1/$i"; sync "$1/$i"; sync "$1"',
  '  echo "ack $i"',
  '  read -r -N 1 -t 60 -u "$POWERCUT_ACK_REPLY" reply || { echo "no reply to ack $i" >&2; exit 9; }',
  'done',
  'if read -r -N 1 -t 1 -u "$POWERCUT_ACK_REPLY" reply; then echo "one reply too many" >&2; exit 9; fi',
];

const CHECK = [
  `for ((i = 1; i <= $2; i++)); do`,
  '  [ "$(cat "$1/$i")" = "value $i" ] || { echo "lost: $i"; exit 1; }',
  'done',
];

/** @returns the recording's folder; its check is CHECK */
const recorded = shared(async (folder) => {
  const workload = `${program(folder, 'workload', ...WORKLOAD)} {dir}`;
  const check = `${program(folder, 'check', ...CHECK)} {dir} {count}`;
  const { status, stdout, stderr } = await powercut(['record', '--workload', workload, '--check', check], folder);
  expect(status, stderr).toBe(0);
  expect(leftovers(folder)).toEqual([]);
  return stdout.trim();
});

function begin(context: TestContext): WorkFolder {
  requirement(context, 'guest', 'native replay', 'ext4');
  return workFolder((remove) => context.onTestFinished(remove));
}

interface Replayed {
  readonly status: number | null;
  readonly stderr: string;
  readonly run: RunReport;
}

async function replay(folder: WorkFolder, ...words: readonly string[]): Promise<Replayed> {
  const { status, stderr } = await powercut(['replay', await recorded(), '--json', 'report.json', ...words], folder);
  const run = onlyRun(readReport(folder.path('report.json')));
  expect(leftovers(folder)).toEqual([]);
  return { status, stderr, run };
}

/** States as `--list` prints them. */
async function list(folder: WorkFolder, ...words: readonly string[]): Promise<string[]> {
  const { status, stdout } = await powercut(['replay', await recorded(), '--list', ...words], folder);
  expect(status).toBe(0);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split('\t')[0]!);
}

/** Facts that LOOK_AROUND printed, all values of each. */
function factsIn(text: string, fact: string): string[] {
  const lines = text.split('\n').filter((line) => line.startsWith(`${fact} `));
  return [...new Set(lines.map((line) => line.slice(fact.length + 1)))];
}

/** What the workload saw, and what a check saw in each of several states of one engine. */
const seen = shared(async (folder) => {
  const file = folder.path('seen.txt');
  const look = [`{ ${LOOK_AROUND.join('; ')}; } >>'${file}'`, 'touch /dev/shm/left-by-a-check', LEAVE_IPC, 'exit 0'];
  const check = `${program(folder, 'look', ...look)} {dir}`;
  const { status, run } = await replay(folder, '--workers', '1', '--check', check);
  expect(status).toBe(0);
  expect(run.states.tested).toBeGreaterThan(1);
  return {
    recording: readFileSync(join(await recorded(), 'transcript.txt'), 'utf8'),
    states: readFileSync(file, 'utf8'),
  };
});

describe.concurrent('commands', () => {
  it('get one byte for each acknowledgement, no more and no fewer', async (context) => {
    begin(context);
    // The workload itself has counted them.
    const transcript = readFileSync(join(await recorded(), 'transcript.txt'), 'utf8');
    expect(transcript.match(/^ack \d+$/gm)).toHaveLength(OPERATIONS);
  });

  it('see another boot and the same place in each crash state', async (context) => {
    begin(context);
    const { recording, states } = await seen();
    expect(factsIn(states, 'dir')).toEqual(factsIn(recording, 'dir'));
    const host = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const boots = [host, ...factsIn(recording, 'boot'), ...factsIn(states, 'boot')];
    expect(boots).toHaveLength(3);
    expect(new Set(boots).size).toBe(3);
  });

  it('find /dev/shm empty, whatever the state before has left there', async (context) => {
    begin(context);
    const { recording, states } = await seen();
    expect(factsIn(recording, 'shm')).toEqual(['0']);
    expect(factsIn(states, 'shm')).toEqual(['0']);
  });

  it('find no shared memory, semaphore or message queue of System V, either', async (context) => {
    begin(context);
    const { recording, states } = await seen();
    expect(factsIn(recording, 'ipc')).toEqual(['0']);
    expect(factsIn(states, 'ipc')).toEqual(['0']);
  });
});

describe.concurrent('a check', () => {
  it('that hangs is ended at its limit with all of its children; its state is unknown, and the run goes on', async (context) => {
    const folder = begin(context);
    const [first, ...others] = await list(folder);
    const hang = [
      'trap "" TERM INT HUP',
      `[ ! -e '${folder.path('hung')}' ] || exit 0`,
      `touch '${folder.path('hung')}'`,
    ];
    const check = program(folder, 'hang', ...hang, 'setsid sleep 600 &', 'sleep 600');
    const { status, run } = await replay(folder, '--workers', '1', '--check', check, '--check-timeout', '1s');
    expect(status).toBe(2);
    expect(run.states).toMatchObject({ tested: 1 + others.length, violated: 0, unknown: 1 });
    expect(run.unknowns).toEqual([
      { state: first, states: 1, reason: 'the check was still running at its limit of 1 s and was stopped' },
    ]);
  });

  it('that exits with anything but 0 and 1 has judged nothing', async (context) => {
    const folder = begin(context);
    const check = program(folder, 'skip', 'echo "cannot tell" >&2', 'exit 77');
    const { status, run } = await replay(folder, '--check', check);
    expect(status).toBe(2);
    expect(run.findings).toEqual([]);
    expect(run.states).toMatchObject({ tested: run.states.distinct, unknown: run.states.distinct });
    expect(run.unknowns?.[0]?.reason).toBe(
      'the check exited with status 77; its standard error ended with: cannot tell',
    );
  });

  it('that leaves a daemon with an open file behind is judged all the same', async (context) => {
    const folder = begin(context);
    const daemon = 'setsid bash -c \'trap "" TERM HUP; exec 9>"$1/held"; sleep 600\' bash "$1" &';
    const check = program(folder, 'daemon', daemon, 'until [ -e "$1/held" ]; do :; done', 'exit 0');
    const { status, stderr, run } = await replay(folder, '--check', `${check} {dir}`);
    expect(status, stderr).toBe(0);
    expect(run.states).toMatchObject({ tested: run.states.distinct, unknown: 0, violated: 0 });
  });

  it('is not asked when recover fails: the store did not open', async (context) => {
    const folder = begin(context);
    const recover = program(folder, 'recover', 'echo "cannot open" >&2', 'exit 4');
    const check = program(folder, 'asked', `touch '${folder.path('was-asked')}'`, 'exit 0');
    const { status, run } = await replay(folder, '--recover', recover, '--check', check);
    expect(status).toBe(1);
    const message = 'recover exited with status 4; its standard error ended with: cannot open';
    expect(run.findings).toEqual([expect.objectContaining({ class: 'wont-open', invariant: 'store-opens', message })]);
    expect(existsSync(folder.path('was-asked'))).toBe(false);
  });
});

describe.concurrent('flags', () => {
  it('--list prints the states that are then tried; --state tries those that are asked for', async (context) => {
    const folder = begin(context);
    const states = await list(folder);
    expect(states.every((state) => /^p\d+$/.test(state))).toBe(true);
    const { run } = await replay(folder);
    expect(run.states.distinct).toBe(states.length);
    const [first, second] = states as [string, string];
    const { status, run: two } = await replay(folder, '--state', first, '--state', second);
    expect(status).toBe(0);
    expect(two.states).toMatchObject({ planned: 2, tested: 2 });
    const { status: outside, stderr } = await powercut(['replay', await recorded(), '--state', 'p99999'], folder);
    expect(outside).toBe(64);
    expect(stderr).toContain('p99999 is no state of this recording: it is not in this log: its last entry is');
  });

  it('--from-start takes in the states before "ready"', async (context) => {
    const folder = begin(context);
    const states = await list(folder);
    const all = await list(folder, '--from-start');
    expect(all.length).toBeGreaterThan(states.length);
    // The first may have an earlier twin now.
    expect(all).toEqual(expect.arrayContaining(states.slice(1)));
  });

  it('--max-findings stops at the first one: violated, not unknown', async (context) => {
    const folder = begin(context);
    const check = program(folder, 'lost', 'echo "lost: all of it"', 'exit 1');
    const { status, run } = await replay(folder, '--workers', '1', '--max-findings', '1', '--check', check);
    expect(status).toBe(1);
    expect(run.findings).toEqual([expect.objectContaining({ class: 'lost', message: 'all of it', states: 1 })]);
    expect(run.states.tested).toBe(1);
  });

  it('--time-budget ends a run early: what is incomplete is unknown', async (context) => {
    const folder = begin(context);
    const { status, run } = await replay(folder, '--time-budget', '1ms');
    expect(status).toBe(2);
    expect(run.states.tested).toBeLessThan(run.states.distinct);
    expect(run.findings).toEqual([]);
  });

  it('--json - puts the document, and nothing else, on standard output', async (context) => {
    const folder = begin(context);
    const { status, stdout } = await powercut(['replay', await recorded(), '--json', '-'], folder);
    expect(status).toBe(0);
    expect(parseReport(stdout).verdict).toBe('ok');
  });
});

/** A line in which `powercut` stands for it. */
async function shell(folder: WorkFolder, line: string): Promise<Run> {
  const script = `powercut() { '${process.execPath}' '${CLI}' "$@"; }; recording='${await recorded()}'; ${line}`;
  return runToEnd(['bash', '-c', script], folder);
}

describe.concurrent('a reader that has seen enough', () => {
  it.for(['--list', '--json -', '--workers 3'])('is no error: %s', async (words, context) => {
    const folder = begin(context);
    const line = `powercut replay "$recording" ${words} | head -n 1; exit "\${PIPESTATUS[0]}"`;
    const { status, stdout, stderr } = await shell(folder, line);
    expect(status, stderr).toBe(0);
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stderr).not.toMatch(/EPIPE|Error|at .*:\d+:\d+/);
  });
});

describe.concurrent('a report that cannot be written', () => {
  it('is said before the run when there is no folder for it', async (context) => {
    const folder = begin(context);
    const run = await powercut(['replay', await recorded(), '--json', 'no-such-folder/report.json'], folder);
    expect(run).toMatchObject({ status: 64, stdout: '' });
    expect(run.stderr).toContain('--json no-such-folder/report.json: there is no folder no-such-folder');
  });

  it.for(['--json /dev/full', '--json - >/dev/full', '--list >/dev/full'])(
    'is no success: %s',
    async (words, context) => {
      const { status, stderr } = await shell(begin(context), `powercut replay "$recording" ${words}`);
      expect(status).toBe(70);
      expect(stderr).toMatch(/^powercut: .*ENOSPC/m);
    },
  );
});

describe.concurrent('a recording', () => {
  it.for(['log', 'base.img', 'final.img'])('of which one byte of %s was altered is refused', async (name, context) => {
    const folder = begin(context);
    // Links, so that the images are not copied; only the altered file is one of its own.
    execFileSync('cp', ['-rl', await recorded(), folder.path('altered')]);
    const path = folder.path('altered', name);
    execFileSync('cp', ['--sparse=always', '--remove-destination', join(await recorded(), name), path]);
    alterByte(path, 70_000);
    const { status, stdout, stderr } = await powercut(['replay', 'altered'], folder);
    expect({ status, stdout }).toEqual({ status: 70, stdout: '' });
    expect(stderr).toContain(`${join('altered', name)} is not what was recorded`);
  });
});

function alterByte(path: string, offsetBytes: number): void {
  const fd = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(fd, byte, 0, 1, offsetBytes);
  byte[0]! ^= 1;
  writeSync(fd, byte, 0, 1, offsetBytes);
  closeSync(fd);
}
