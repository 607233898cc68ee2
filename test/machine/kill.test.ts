/** `powercut kill` on real processes: what SIGKILL finds and what it cannot, and that nothing of it is left. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import type { Finding } from '../../src/checks/finding.ts';
import type { Report } from '../../src/report/report.ts';
import { leftovers, withoutProcesses } from './support/leftovers.ts';
import { APPEND_LOG, powercut, powercutLine, REPOSITORY, startPowercut, type Run } from './support/powercut.ts';
import { program } from './support/program.ts';
import { onlyRun, readReport } from './support/report.ts';
import { longTest, requirement } from './support/requirement.ts';
import { workFolder, type WorkFolder } from './support/work-folder.ts';

const PLANTED = join(REPOSITORY, 'test/machine/planted-store.mjs');
const planted = (fault: string, operations = 40): string[] => [
  '--workload',
  `node ${PLANTED} ${fault} workload {dir} ${operations}`,
  '--dump',
  `node ${PLANTED} ${fault} dump {dir}`,
];
const example = (name: string, more = ''): string[] => [
  '--workload',
  `node ${join(REPOSITORY, 'dist/examples', name, 'workload.js')} {dir}${more}`,
  '--dump',
  `node ${join(REPOSITORY, 'dist/examples', name, 'dump.js')} {dir}`,
];

interface Killed {
  readonly folder: WorkFolder;
  readonly run: Run;
  readonly report: Report;
}

async function kill(context: TestContext, ...words: readonly string[]): Promise<Killed> {
  requirement(context);
  const folder = workFolder((remove) => context.onTestFinished(remove));
  const run = await powercut(['kill', '--seed', '7', '--json', 'report.json', ...words], folder);
  expect(run.stderr).not.toContain('    at ');
  expect(leftovers(folder)).toEqual([]);
  return { folder, run, report: readReport(folder.path('report.json')) };
}

describe('SIGKILL', () => {
  it('finds nothing in a sound store, wherever it strikes', async (context) => {
    const check = ['--workload', APPEND_LOG.workload(40), '--check', APPEND_LOG.check];
    const { run, report } = await kill(context, '--trials', '30', ...check);
    expect({ status: run.status, verdict: report.verdict, findings: onlyRun(report).findings }).toEqual({
      status: 0,
      verdict: 'ok',
      findings: [],
    });
    expect(run.stdout).toMatch(/^ok: all of 31 trials held$/m);
    expect(onlyRun(report).states).toMatchObject({ planned: 31, tested: 31, violated: 0, unknown: 0 });
    expect(onlyRun(report).kill!.killed).toBeGreaterThan(20);
    expect(onlyRun(report).kill).toMatchObject({ mode: 'kill', writers: 1, lines: 41 });
    expect(onlyRun(report).seed).toBe(7);
  });

  it.for(['kill', 'stop'])('finds what is acknowledged before it is written, in the mode %s', async (mode, context) => {
    if (mode === 'stop') longTest(context);
    const { folder, run, report } = await kill(context, '--mode', mode, '--trials', '10', ...planted('buffer'));
    expect(run.status).toBe(1);
    const { findings } = onlyRun(report);
    expect(findings.map((finding) => finding.class)).toContain('torn');
    expect(['lost', 'torn']).toEqual(expect.arrayContaining(findings.map((finding) => finding.class)));
    // Before the first page is full nothing has been written at all.
    const early = ['kill', '--mode', mode, '--seed', '7', '--trials', '1', '--at', '9', '--json', 'early.json'];
    expect(await powercut([...early, ...planted('buffer')], folder)).toMatchObject({ status: 1 });
    const found = onlyRun(readReport(folder.path('early.json'))).findings;
    expect(found.map((finding) => finding.class)).toEqual(['lost']);
    expect(findings.every(({ assumption, blamed }) => assumption === 'process' && blamed === 'store')).toBe(true);
    const [later] = found as [Finding];
    const again = await powercutLine(`${later.reproduce} --json again.json`, folder);
    expect(again.status).toBe(1);
    const repeated = onlyRun(readReport(folder.path('again.json')));
    expect(repeated.states).toMatchObject({ planned: 1, tested: 1, violated: 1 });
    expect(repeated.findings).toEqual([expect.objectContaining({ state: later.state, reproduce: later.reproduce })]);
  });

  it('finds one lost update among ten writers and a thousand keys, and names it', async (context) => {
    const { run, report } = await kill(context, '--writers', '10', '--trials', '1', ...planted('lost-update', 200));
    expect(run.status).toBe(1);
    const { findings, durability } = onlyRun(report);
    // A gap and not a mere loss: later operations are there.
    expect(findings.map((finding) => finding.class)).toEqual(['reordered']);
    // Writer 5 has the keys from 500 to 599, and puts each of them twice.
    expect(findings[0]!.message).toMatch(
      /^operation 5:118 \(put "key-0517"\) is gone \("key-0517" holds "5\/1\/17\/x+\.\.\."\), but the later operation /,
    );
    expect(durability).toMatchObject([{ operations: 1 }]);
  });

  it('finds nothing in ten sound writers', async (context) => {
    const { run, report } = await kill(context, '--writers', '10', '--trials', '3', ...planted('none', 60));
    expect({ status: run.status, findings: onlyRun(report).findings }).toEqual({ status: 0, findings: [] });
  });
});

describe('a store behind HTTP', () => {
  it('is sound under kill, with several writers', async (context) => {
    const { run, report } = await kill(context, '--writers', '3', '--trials', '5', ...example('http-store'));
    expect({ status: run.status, findings: onlyRun(report).findings }).toEqual({ status: 0, findings: [] });
    expect(onlyRun(report).kill!.killed).toBeGreaterThan(0);
  });

  it('survives kill, but not the power cut, without fsync; its twin survives both', async (context) => {
    longTest(context);
    requirement(context, 'guest', 'native replay', 'ext4');
    const store = example('http-store', ' 6 --fault no-fsync');
    const { run, report } = await kill(context, '--compare-rungs', '--trials', '4', ...store);
    expect(run.status).toBe(1);
    expect(report.comparison).toMatchObject({
      columns: [
        { rung: 'kill', tested: 5, verdict: 'ok' },
        { rung: 'power-cut', verdict: 'violated' },
      ],
    });
    expect(report.comparison!.classes.map(({ states }) => states[0])).toEqual(report.comparison!.classes.map(() => 0));
    const sound = workFolder((remove) => context.onTestFinished(remove));
    expect(await powercut(['replay', ...example('http-store', ' 6')], sound)).toMatchObject({ status: 0 });
  });
});

describe('--compare-rungs', () => {
  it('shows the missing fsync, which only the power cut finds', async (context) => {
    requirement(context, 'guest', 'native replay', 'ext4');
    const store = example('append-log', ' 8 --history --fault ack-before-fsync');
    const { run, report } = await kill(context, '--compare-rungs', '--trials', '10', ...store);
    expect(run.status).toBe(1);
    expect(report.runs.map(({ kill: killed }) => killed !== undefined)).toEqual([true, false]);
    const lost = report.comparison!.classes.find((each) => each.class === 'lost')!;
    expect(lost.states[0]).toBe(0);
    expect(lost.states[1]).toBeGreaterThan(0);
    expect(run.stdout).toMatch(/^ +the process killed +the power cut$/m);
    expect(run.stdout).toMatch(/^ +lost +- +in \d+$/m);
    expect(run.stdout).toMatch(/^ +verdict +ok +violated$/m);
  });
});

describe('what can go wrong', () => {
  it.for([
    ['a workload that fails', ['--workload', 'false'], 70, /^powercut: the workload failed: it exited with 1: false/m],
    ['a trial without its seed', ['--workload', 'true', '--trial', '3'], 64, /--trial needs the --seed/],
    ['a moment that is none', ['--workload', 'true', '--at', 'noon'], 64, /--at noon is no moment/],
    ['no workload', [], 64, /there is no workload/],
  ] as const)('%s', async ([, words, status, said], context) => {
    requirement(context);
    const folder = workFolder((remove) => context.onTestFinished(remove));
    const run = await powercut(['kill', ...words], folder);
    expect(run.stderr).toMatch(said);
    expect(run.status).toBe(status);
    expect(leftovers(folder)).toEqual([]);
  });

  it('says when no trial was killed', async (context) => {
    const { run, report } = await kill(context, '--trials', '3', '--at', '100', ...planted('none', 4));
    expect({ status: run.status, verdict: report.verdict }).toEqual({ status: 2, verdict: 'unknown' });
    expect(run.stdout).toContain('in no trial the moment came before the workload had ended');
  });

  it.for(['SIGINT', 'SIGKILL'] as const)(
    'leaves nothing after %s, not even a daemon of the store',
    async (signal, context) => {
      requirement(context);
      const folder = workFolder((remove) => context.onTestFinished(remove));
      const env = { ...folder.env, PLANTED_DAEMON: '1' };
      const options = { ...folder, env };
      const running = startPowercut(
        ['kill', '--trials', '1000', '--reporter', 'line', ...planted('none', 400)],
        options,
      );
      await running.said(/undisturbed, the workload prints/);
      running.kill(signal);
      expect((await running.ended).status).toBe(signal === 'SIGINT' ? 130 : null);
      await withoutProcesses(folder);
      expect(leftovers(folder)).toEqual([]);
    },
  );

  it('needs no rights', async (context) => {
    requirement(context, 'root');
    const uid = 65534;
    const folder = workFolder((remove) => context.onTestFinished(remove), uid);
    const store = program(folder, 'store', 'echo ready', 'for i in 1 2 3; do echo $i >>"$1/log"; echo "ack $i"; done');
    const check = program(folder, 'check', '[ "$(wc -l <"$1/log")" -ge "$2" ] || { echo "lost: some"; exit 1; }');
    const words = ['kill', '--trials', '3', '--workload', `${store} {dir}`, '--check', `${check} {dir} {count}`];
    const run = await powercut(words, { ...folder, uid });
    expect({ status: run.status, stderr: run.stderr }).toMatchObject({ status: 0 });
    expect(leftovers(folder)).toEqual([]);
  });
});

it('a function that is late costs its own trial, and the next one has another engine', async (context) => {
  requirement(context);
  const folder = workFolder((remove) => context.onTestFinished(remove));
  const check = `async () => {
    if (late) return 'phantom: this engine has a late call';
    // The first trial has an engine of its own anyway.
    appendFileSync(import.meta.filename + '.calls', '.');
    if (readFileSync(import.meta.filename + '.calls').length !== 3) return;
    late = true;
    await new Promise(() => undefined);
  }`;
  const source = `import { appendFileSync, readFileSync } from 'node:fs';\nlet late = false;\nexport default { check: ${check} };\n`;
  writeFileSync(folder.path('powercut.config.mjs'), source, { mode: 0o644 });
  const limits = ['--trials', '4', '--workers', '1', '--check-timeout', '300ms', '--json', 'report.json'];
  const run = await powercut(['kill', ...limits, '--workload', APPEND_LOG.workload(5)], folder);
  expect(run.status, run.stderr).toBe(2);
  const { states, unknowns } = onlyRun(readReport(folder.path('report.json')));
  expect(states).toMatchObject({ tested: 5, violated: 0, unknown: 1 });
  expect(unknowns).toMatchObject([{ reason: 'the check was still running at its limit of 0.3 s' }]);
  expect(leftovers(folder)).toEqual([]);
});
