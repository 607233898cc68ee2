import { expect, it } from 'vitest';
import { comparisonLines, compareRungs } from '../../src/report/comparison.ts';
import { makeReport } from '../../src/report/make-report.ts';
import { verdictOfRun } from '../../src/report/report.ts';
import { summarise } from '../../src/report/summary.ts';
import { validateReport } from '../../src/report/validate-report.ts';
import { KILLED, LOST, VIOLATED } from './canned-events.ts';

const environment = { powercut: '0.1.0', node: 'v20.20.2', kernel: '6.18', runner: 'this kernel, 6.18' };

it('puts side by side what each rung finds', () => {
  const runs = [KILLED, { ...VIOLATED, findings: [LOST, { ...LOST, states: 2, invariant: 'other' }] }];
  const comparison = compareRungs(runs);
  expect(comparison.classes).toEqual([{ class: 'lost', states: [0, 37] }]);
  expect(`\n${comparisonLines(comparison).join('\n')}\n`).toMatchInlineSnapshot(`
    "
                the process killed   the power cut
      how       SIGKILL on tmpfs     each-barrier, torn on ext4:data=ordered
      tried     100 trials           981 crash states
      lost      -                    in 37
      verdict   ok                   violated
    "
  `);
  const report = makeReport(environment, runs, { compareRungs: true });
  expect(validateReport(report)).toEqual([]);
  expect(report.recording).toEqual(VIOLATED.recording);
  expect(summarise(report)).toEqual(expect.arrayContaining(['what each finds', ...comparisonLines(comparison)]));
});

it('words a series of trials', () => {
  const report = makeReport(environment, [KILLED]);
  expect(validateReport(report)).toEqual([]);
  expect(report).not.toHaveProperty('recording');
  expect(`\n${summarise(report).join('\n')}\n`).toMatchInlineSnapshot(`
    "
    ok: all of 100 trials held

    tmpfs (SIGKILL)
      trials: 100 planned, 100 tested, 99 killed before their end, 0 violated, 0 unknown
      seed: 7; 10 writers; undisturbed it prints 480 lines in 1.2 s
      time: 840 ms, 119 trials/s

    powercut 0.1.0, kernel 6.18 (this kernel, 6.18), node v20.20.2
    "
  `);
});

it('knows nothing of a store that was never killed before its end', () => {
  const never = { ...KILLED, kill: { ...KILLED.kill!, killed: 0 } };
  expect(verdictOfRun(never)).toBe('unknown');
  expect(summarise(makeReport(environment, [never]))[0]).toBe(
    'unknown: in no trial the moment came before the workload had ended',
  );
  const alone = { ...never, states: { ...never.states, planned: 1, distinct: 1, tested: 1 } };
  expect(verdictOfRun({ ...alone, kill: { ...never.kill, disturbances: 1 } })).toBe('unknown');
  // Trial 0 is the undisturbed one.
  expect(verdictOfRun({ ...alone, kill: { ...never.kill, disturbances: 0 } })).toBe('ok');
});
