import { expect, it } from 'vitest';
import type { Verdict } from '../../src/checks/verdict.ts';
import type { KillOptions } from '../../src/pipeline/kill-options.ts';
import { KillTally, reproducingTrial } from '../../src/pipeline/kill-tally.ts';

const OPTIONS: KillOptions = {
  workload: ['./my workload', '{dir}'],
  check: ['./check', '{dir}', '{count}'],
  durability: [],
  repeatRecovery: false,
  workloadTimeoutMs: 1000,
  recoverTimeoutMs: 1000,
  checkTimeoutMs: 1000,
  mode: 'kill',
  trials: 3,
  seed: 7,
  writers: 1,
  fromStart: false,
  cwd: '/home/me',
  env: {},
};
const LOST: Verdict = { kind: 'violated', class: 'lost', blamed: 'store', invariant: 'check', message: 'gone' };

it('makes a line that repeats a trial, and says no more than needed', () => {
  expect(reproducingTrial(OPTIONS, { trial: 3, moment: { lines: 37, delayMs: 1.25 } })).toBe(
    `npx powercut kill --seed 7 --trial 3 --at 37+1.25ms --workload ''\\''./my workload'\\'' {dir}' --check './check {dir} {count}'`,
  );
  const { check: _check, ...rest } = OPTIONS;
  const options: KillOptions = {
    ...rest,
    setup: ['./setup'],
    check: { module: '/home/me/powercut.config.js' },
    durability: ['group:1s'],
    repeatRecovery: true,
    mode: 'stop',
    writers: 10,
    fromStart: true,
  };
  expect(reproducingTrial(options, { trial: 0 })).toBe(
    'npx powercut kill --seed 7 --trial 0 --mode stop --writers 10 --from-start --setup ./setup ' +
      `--workload ''\\''./my workload'\\'' {dir}' --durability group:1s --repeat-recovery --config powercut.config.js`,
  );
});

it('adds up trials, in whatever order they end', () => {
  const tally = new KillTally(OPTIONS, () => undefined);
  const moment = { lines: 5, delayMs: 0 };
  tally.add({ trial: 3, moment }, { verdict: LOST, acked: 4, killed: true });
  tally.add({ trial: 0 }, { verdict: { kind: 'ok' }, acked: 40, killed: false });
  tally.add({ trial: 2, moment }, { verdict: LOST, acked: 3, killed: true });
  const report = tally.report(
    'ext4',
    { planned: 4, disturbances: 3 },
    { lines: 41, readyLine: 1, timesMs: [0, 100], stride: 41 },
    1500,
  );
  expect(report.states).toMatchObject({ planned: 4, tested: 3, violated: 2, unknown: 0 });
  expect(report.seed).toBe(7);
  // No disk was rebuilt, so nothing is said of one.
  expect(report.invariants).toEqual(['check']);
  expect(report.kill).toEqual({ mode: 'kill', writers: 1, disturbances: 3, killed: 2, lines: 41, workloadMs: 100 });
  expect(report.findings).toMatchObject([
    { class: 'lost', assumption: 'process', state: 'k2', states: 2, lastGood: 'k0' },
  ]);
  expect(report.findings[0]!.reproduce).toContain('--trial 2 --at 5+0ms');
  expect(report.timing.statesPerSecond).toBe(2);
});
