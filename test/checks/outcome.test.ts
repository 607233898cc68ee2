import { describe, expect, it } from 'vitest';
import { checkVerdict, recoverVerdict } from '../../src/checks/outcome.ts';
import type { CommandRun } from '../../src/stores/store.ts';

const run = (changes: Partial<CommandRun>): CommandRun => ({
  exitStatus: 0,
  signal: null,
  timedOut: false,
  timeoutMs: 30_000,
  stdout: '',
  stderr: '',
  ...changes,
});

const violated = (violationClass: string, invariant: string, message: string) => ({
  kind: 'violated',
  class: violationClass,
  blamed: 'store',
  invariant,
  message,
});

describe.each([
  ['checkVerdict', checkVerdict, 'check'],
  ['recoverVerdict', recoverVerdict, 'store-opens'],
] as const)('%s', (_name, verdictOf, invariant) => {
  it('holds at exit 0, whatever was printed', () => {
    expect(verdictOf(run({ stdout: 'lost: everything\n', stderr: 'warning' }))).toEqual({ kind: 'ok' });
  });

  it.each([
    ['lost: acked 12, recovered 11\nmore\n', 'lost', 'acked 12, recovered 11'],
    ['torn: doc.json has 0 bytes', 'torn', 'doc.json has 0 bytes'],
    ['reordered: x', 'reordered', 'x'],
    ['gap: file 3 missing', 'reordered', 'file 3 missing'],
    ['corrupt: page 7: bad checksum\r\n', 'corrupt', 'page 7: bad checksum'],
    ['ghost: k1', 'ghost', 'k1'],
    ['phantom: k2', 'phantom', 'k2'],
    ['LOST : k3', 'lost', 'k3'],
    ['\n lost: k4', 'lost', 'k4'],
    ['lost\n', 'lost', 'lost, without detail'],
    ['gap:\n', 'reordered', 'gap, without detail'],
    ['lost: \u001B[31mred', 'lost', '\\u{1b}[31mred'],
  ])('reads the class at exit 1 from %j', (stdout, violationClass, message) => {
    expect(verdictOf(run({ exitStatus: 1, stdout }))).toEqual(violated(violationClass, invariant, message));
  });
});

describe('checkVerdict', () => {
  it('does not guess a class that exit 1 did not name', () => {
    const stdout = 'Traceback (most recent call last):\nlost: no';
    expect(checkVerdict(run({ exitStatus: 1, stdout, stderr: 'KeyError: 3\n' }))).toEqual(
      violated(
        'unstated',
        'check',
        'the check exited with status 1, but its output began with "Traceback (most recent call last):" instead of a class ' +
          '(lost, torn, reordered, gap, corrupt, ghost, phantom) and a colon; its standard error ended with: KeyError: 3',
      ),
    );
    expect(checkVerdict(run({ exitStatus: 1 }))).toMatchObject({
      class: 'unstated',
      message: expect.stringContaining('its output printed nothing') as string,
    });
  });

  it.each(['lost data', 'lostx: y', 'wont-open: x', 'constructor: x', 'unmountable: x'])(
    'takes %j for no class',
    (stdout) => {
      expect(checkVerdict(run({ exitStatus: 1, stdout }))).toMatchObject({ class: 'unstated' });
    },
  );

  it.each([
    [{ exitStatus: 2 }, 'the check exited with status 2'],
    [
      { exitStatus: 127, stderr: 'sh: x: not found\n' },
      'the check exited with status 127; its standard error ended with: sh: x: not found',
    ],
    [{ exitStatus: null, signal: 'SIGSEGV' }, 'the check was ended by SIGSEGV'],
    [
      { exitStatus: null, signal: 'SIGKILL', timedOut: true },
      'the check was still running at its limit of 30 s and was stopped',
    ],
    [
      { exitStatus: 1, timedOut: true, stdout: 'lost: half a sentence' },
      'the check was still running at its limit of 30 s and was stopped',
    ],
    [{ exitStatus: 0, timedOut: true }, 'the check was still running at its limit of 30 s and was stopped'],
    [{ exitStatus: null }, 'the check could not be run'],
  ] as const)('knows nothing after %j', (changes, reason) => {
    expect(checkVerdict(run(changes))).toEqual({ kind: 'unknown', reason });
  });

  it('gives the last four lines of standard error', () => {
    const stderr = 'one\ntwo\nthree\n\nfour\nfive\n';
    expect(checkVerdict(run({ exitStatus: 3, stderr }))).toMatchObject({
      reason: 'the check exited with status 3; its standard error ended with: two | three | four | five',
    });
  });
});

describe('recoverVerdict', () => {
  it.each([
    [
      { exitStatus: 1, stdout: 'panic\n', stderr: 'Bad magic\n' },
      'recover exited with status 1; its standard error ended with: Bad magic',
    ],
    [{ exitStatus: 2, stdout: 'lost: x' }, 'recover exited with status 2'],
    [{ exitStatus: null, signal: 'SIGABRT' }, 'recover was ended by SIGABRT'],
    [
      { exitStatus: null, signal: 'SIGKILL', timedOut: true, timeoutMs: 500 },
      'recover was still running at its limit of 0.5 s and was stopped',
    ],
  ] as const)('calls it a store that does not open: %j', (changes, message) => {
    expect(recoverVerdict(run(changes))).toEqual(violated('wont-open', 'store-opens', message));
  });

  it('blames no store for a command that could not be run', () => {
    expect(recoverVerdict(run({ exitStatus: null, stderr: 'ENOENT' }))).toEqual({
      kind: 'unknown',
      reason: 'recover could not be run; its standard error ended with: ENOENT',
    });
  });
});
