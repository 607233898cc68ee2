/** Shards tried apart and merged say what one run says; reports in every form come from a real run. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it, type TestContext } from 'vitest';
import { DOCTOR_SCHEMA } from '../../src/pipeline/doctor-schema.ts';
import { EVENT_SCHEMA } from '../../src/report/event-schema.ts';
import type { Report, RunReport } from '../../src/report/report.ts';
import { parseXml } from '../support/xml.ts';
import { leftovers } from './support/leftovers.ts';
import { APPEND_LOG, powercut } from './support/powercut.ts';
import { onlyRun, readReport } from './support/report.ts';
import { longTest, requirement } from './support/requirement.ts';
import { shared } from './support/shared.ts';
import { workFolder, type WorkFolder } from './support/work-folder.ts';

const OPERATIONS = 6;

/** @returns the folder of a recording of a store that loses what it acknowledged */
const recorded = shared(async (folder) => {
  const workload = APPEND_LOG.workload(OPERATIONS, '--fault', 'ack-before-fsync');
  const { status, stdout, stderr } = await powercut(['record', '--workload', workload, ...APPEND_LOG.called], folder);
  expect(status, stderr).toBe(0);
  return stdout.trim();
});

function begin(context: TestContext): WorkFolder {
  requirement(context, 'guest', 'native replay', 'ext4');
  return workFolder((remove) => context.onTestFinished(remove));
}

async function replay(folder: WorkFolder, name: string, ...words: readonly string[]): Promise<Report> {
  const { status, stderr } = await powercut(
    ['replay', await recorded(), '--json', name, ...APPEND_LOG.called, ...words],
    folder,
  );
  expect([0, 1], stderr).toContain(status);
  expect(leftovers(folder)).toEqual([]);
  return readReport(folder.path(name));
}

/** Time and which state came to which engine first are a run's own; all else is the recording's. */
function without({ timing: _timing, states: { reused: _reused, ...states }, ...run }: RunReport): unknown {
  return { ...run, states };
}

describe.concurrent('shards', () => {
  it.for([[['--each-barrier']], [['--each-barrier', '--in-flight=6']]])(
    'merged are the plain run, with %j',
    async ([strategies = []], context) => {
      if (strategies.length > 1) longTest(context);
      const folder = begin(context);
      const plain = onlyRun(await replay(folder, 'plain.json', ...strategies));
      expect(plain.findings).toEqual([
        expect.objectContaining({ class: 'lost', lastGood: expect.any(String) as string }),
      ]);
      expect(plain.coverage?.length ?? 0).toBe(strategies.length - 1);
      const first = onlyRun(await replay(folder, '1.json', ...strategies, '--shard', '1/2'));
      const second = onlyRun(await replay(folder, '2.json', ...strategies, '--shard', '2/2'));
      expect(first.states.tested + second.states.tested).toBe(plain.states.tested);
      // Half of the runs that are expected, as far as power cuts with their states stay together.
      const own = [first, second].map(({ shard }) => shard!.own.distinct) as [number, number];
      expect(Math.abs(own[0] - own[1])).toBeLessThanOrEqual(strategies.length > 1 ? 6 : 1);
      const merge = await powercut(['merge', '2.json', '1.json', '--json', 'all.json'], folder);
      expect(merge.status, merge.stderr).toBe(1);
      expect(without(onlyRun(readReport(folder.path('all.json'))))).toEqual(without(plain));
    },
  );

  it('of other options are refused', async (context) => {
    const folder = begin(context);
    await replay(folder, '1.json', '--shard', '1/2');
    await replay(folder, '2.json', '--shard', '2/2', '--fsck');
    const { status, stderr } = await powercut(['merge', '1.json', '2.json'], folder);
    expect(status).toBe(64);
    expect(stderr).toContain('2.json cannot be merged with 1.json: they come from different options or commands');
  });
});

describe.concurrent('reporters', () => {
  it('report one run in several ways at once, each by its format', async (context) => {
    const folder = begin(context);
    const summary = folder.path('summary.md');
    const reporters = ['--reporter', 'line,github', '--reporter', 'junit=out.xml,jsonl=events.jsonl'];
    const words = ['replay', await recorded(), '--json', 'report.json', ...APPEND_LOG.called, ...reporters];
    const run = await powercut(words, { ...folder, env: { ...folder.env, GITHUB_STEP_SUMMARY: summary } });
    expect(run.status, run.stderr).toBe(1);
    expect(run.stdout).toMatch(/^violated: 1 finding/);
    expect(run.stderr).toMatch(/^::error title=powercut%3A lost on ext4::lost: .*reproduce: npx powercut replay /m);
    expect(readFileSync(summary, 'utf8')).toMatch(/^## powercut: violated\n/);

    const [suite] = parseXml(readFileSync(folder.path('out.xml'), 'utf8')).children;
    expect(suite!.attributes).toMatchObject({ tests: '4', failures: '1', errors: '0' });

    const report = readReport(folder.path('report.json'));
    const isEvent = new Ajv2020({ allowUnionTypes: true }).compile(EVENT_SCHEMA);
    const lines = readFileSync(folder.path('events.jsonl'), 'utf8').trimEnd().split('\n');
    const events = lines.map((line) => JSON.parse(line) as { type: string; report?: Report });
    expect(events.filter((event) => !isEvent(event))).toEqual([]);
    expect(events.filter(({ type }) => type === 'state-end')).toHaveLength(onlyRun(report).states.tested);
    expect(events.at(-1)).toMatchObject({ type: 'run-end', report });
  });

  it('say of a run that failed why it did', async (context) => {
    const folder = begin(context);
    const words = [
      'replay',
      await recorded(),
      '--vm',
      'off',
      ...APPEND_LOG.called,
      '--reporter',
      'junit=out.xml,jsonl=out.jsonl',
    ];
    const run = await powercut([...words, '--state', 'p99999'], folder);
    expect(run.status).toBe(64);
    const [suite] = parseXml(readFileSync(folder.path('out.xml'), 'utf8')).children;
    expect(suite!.attributes).toMatchObject({ tests: '1', errors: '1' });
    expect(readFileSync(folder.path('out.jsonl'), 'utf8')).toContain('"type":"run-failed"');
  });
});

describe.concurrent('doctor --json', () => {
  it('keeps to its schema', async (context) => {
    const folder = begin(context);
    const { status, stdout } = await powercut(['doctor', '--json'], folder);
    expect([0, 69]).toContain(status);
    const validate = new Ajv2020().compile(DOCTOR_SCHEMA);
    validate(JSON.parse(stdout));
    expect(validate.errors ?? []).toEqual([]);
  });
});
