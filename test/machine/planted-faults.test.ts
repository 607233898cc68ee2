/**
 * No missed bug: each classic mistake shows in the class that docs/faults.md promises, and what a finding says can be done
 * with it works.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it, type TestContext } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import { leftovers } from './support/leftovers.ts';
import { APPEND_LOG, powercut, powercutLine, SQLITE, type Run } from './support/powercut.ts';
import { program } from './support/program.ts';
import { onlyRun, readReport } from './support/report.ts';
import { longTest, requirement } from './support/requirement.ts';
import { workFolder, type WorkFolder } from './support/work-folder.ts';

const OPERATIONS = 6;

interface Replayed {
  readonly folder: WorkFolder;
  readonly run: Run;
  readonly report: Report;
}

async function replay(context: TestContext, workload: string, check: string): Promise<Replayed> {
  requirement(context, 'guest', 'native replay', 'ext4');
  const folder = workFolder((remove) => context.onTestFinished(remove));
  const words = ['replay', '--each-barrier', '--json', 'report.json', '--workload', workload, '--check', check];
  const run = await powercut(words, folder);
  expect(leftovers(folder)).toEqual([]);
  return { folder, run, report: readReport(folder.path('report.json')) };
}

function classes(report: Report): string[] {
  return onlyRun(report).findings.map((finding) => finding.class);
}

describe.concurrent('the append-only log', () => {
  it.for([
    ['ack-before-fsync', 'lost'],
    ['rotate-without-dirsync', 'lost'],
    ['rename-without-fsync', 'torn'],
  ] as const)('shows %s as %s', async ([fault, expected], context) => {
    const workload = APPEND_LOG.workload(OPERATIONS, '--fault', fault);
    const { folder, run, report } = await replay(context, workload, APPEND_LOG.check);
    expect(classes(report)).toEqual([expected]);
    expect({ status: run.status, verdict: report.verdict }).toEqual({ status: 1, verdict: 'violated' });
    expect(onlyRun(report).states.unknown).toBe(0);
    if (fault !== 'ack-before-fsync') return;
    await expectToReproduce(folder, report);
    await expectLastGood(folder, report);
  });

  // What barriers alone cannot show: here each record is whole at every barrier, since its own fsync is the only one, and a
  // torn record needs either a neighbour's fsync between write and fsync, or states between the barriers (docs/faults.md).
  it('does not show text-records, which needs more than barriers', async (context) => {
    longTest(context);
    const workload = APPEND_LOG.workload(OPERATIONS, '--fault', 'text-records');
    const { run, report } = await replay(context, workload, APPEND_LOG.check);
    expect({ status: run.status, verdict: report.verdict }).toEqual({ status: 0, verdict: 'ok' });
  });
});

describe.concurrent('SQLite', () => {
  it('loses its last commit with journal_mode DELETE and synchronous FULL, in time for every one of them', async (context) => {
    longTest(context);
    requirement(context, 'python3 with sqlite3');
    const verdicts = workFolder((remove) => context.onTestFinished(remove));
    const said = verdicts.path('said.txt');
    // A report tells of one state in each finding; this keeps what the check said of every one.
    const judge = program(
      verdicts,
      'judge',
      `said=$('${SQLITE.program('check')}' "$1" "$2")`,
      'status=$?',
      `[ -z "$said" ] || echo "$said" | tee -a '${said}'`,
      'exit $status',
    );
    const workload = SQLITE.workload(OPERATIONS, '--journal', 'DELETE', '--synchronous', 'FULL');
    const { run, report } = await replay(context, workload, `${judge} {dir} {count}`);
    expect(classes(report)).toEqual(['lost']);
    expect(run.status).toBe(1);

    const losses = readFileSync(said, 'utf8').trim().split('\n');
    expect(onlyRun(report).states.violated).toBeGreaterThanOrEqual(OPERATIONS);
    const lost = losses.map((line) => {
      const [, gone, acked, recovered] =
        /^lost: transaction (\d+) is gone \((\d+) acknowledged, (\d+) recovered\)$/.exec(line)!;
      // Exactly one, the one acknowledged last. More would mean that marks stand in the log too early.
      expect({ gone, recovered: Number(recovered) + 1 }).toEqual({ gone: acked, recovered: Number(acked) });
      return Number(gone);
    });
    // Every single commit is caught. One missing would mean that its mark came late.
    const commits = Array.from({ length: OPERATIONS }, (_, i) => i + 1);
    expect([...new Set(lost)].sort((a, b) => a - b)).toEqual(commits);
  });

  it('loses commits with synchronous OFF', async (context) => {
    longTest(context);
    requirement(context, 'python3 with sqlite3');
    const workload = SQLITE.workload(OPERATIONS, '--synchronous', 'OFF');
    const { run, report } = await replay(context, workload, SQLITE.check);
    expect(classes(report)).toContain('lost');
    expect(run.status).toBe(1);
  });
});

/** The line that a finding ends with, as it is pasted into a shell. */
async function expectToReproduce(folder: WorkFolder, report: Report): Promise<void> {
  const [finding] = onlyRun(report).findings;
  const again = await powercutLine(`${finding!.reproduce} --json again.json`, folder);
  expect(again.status).toBe(1);
  const run = onlyRun(readReport(folder.path('again.json')));
  expect(run.findings).toEqual([expect.objectContaining({ class: finding!.class, state: finding!.state })]);
  expect(run.states).toMatchObject({ tested: 1, violated: 1 });
}

async function expectLastGood(folder: WorkFolder, report: Report): Promise<void> {
  const [{ state, lastGood, reproduce } = {}] = onlyRun(report).findings;
  const line = reproduce!.replace(`--state ${state}`, `--state ${lastGood}`);
  expect(line).not.toBe(reproduce);
  expect(await powercutLine(line, folder)).toMatchObject({ status: 0 });
}
