/** Rot in the blocks of a store's files: one that checks what it reads never answers wrong; one that does not is caught. */
import { describe, expect, it, type TestContext } from 'vitest';
import { join } from 'node:path';
import type { RunReport } from '../../src/report/report.ts';
import { leftovers } from './support/leftovers.ts';
import { APPEND_LOG, powercut, powercutLine, REPOSITORY, type Run } from './support/powercut.ts';
import { onlyRun, readReport } from './support/report.ts';
import { longTest, requirement } from './support/requirement.ts';
import { workFolder, type WorkFolder } from './support/work-folder.ts';

const FILESYSTEMS = ['ext4', 'xfs', 'btrfs'] as const;
const FLIPS = 16;
/** More than one segment: damage in the last one looks like a put that was cut short. */
const OPERATIONS = 24;
const OPEN = `node ${join(REPOSITORY, 'dist/examples/append-log/open.js')} {dir}`;

interface Rotten {
  readonly folder: WorkFolder;
  readonly run: Run;
  readonly report: RunReport;
}

async function rot(context: TestContext, filesystem: (typeof FILESYSTEMS)[number], fault: string[]): Promise<Rotten> {
  requirement(context, 'guest', 'native replay', filesystem);
  const folder = workFolder((remove) => context.onTestFinished(remove));
  const store = [
    '--workload',
    APPEND_LOG.workload(OPERATIONS, ...fault),
    '--check',
    APPEND_LOG.check,
    '--recover',
    OPEN,
  ];
  const words = ['replay', '--fs', filesystem, `--bit-flip=${FLIPS}`, ...store, '--json', 'report.json'];
  const run = await powercut(words, folder);
  expect(leftovers(folder)).toEqual([]);
  return { folder, run, report: onlyRun(readReport(folder.path('report.json'))) };
}

describe.concurrent('a store with checksums', () => {
  it.for(FILESYSTEMS)('refuses or comes back with less, and never answers wrong: %s', async (filesystem, context) => {
    if (filesystem === 'xfs') longTest(context);
    const { run, report } = await rot(context, filesystem, []);
    expect(report.findings).toEqual([]);
    expect(report.states).toMatchObject({ distinct: FLIPS, tested: FLIPS, violated: 0, unknown: 0 });
    expect(run.status).toBe(0);
    // Each flip was read, or this test would show nothing: by the store, or by a file system that has checksums too.
    const [, excuse = ''] = /^note: held all the same, since bit rot excuses it: (.*)$/m.exec(run.stderr) ?? [];
    const read = [...excuse.matchAll(/(?:lost|wont-open) in (\d+)/g)].reduce(
      (sum, [, states]) => sum + Number(states),
      0,
    );
    expect(read, run.stderr).toBe(FLIPS);
    if (filesystem === 'btrfs') expect(excuse).toContain(`wont-open in ${FLIPS}`);
  });
});

describe.concurrent('a store without', () => {
  it.for(['ext4', 'xfs'] as const)('answers wrong, and that can be seen again: %s', async (filesystem, context) => {
    if (filesystem === 'xfs') longTest(context);
    const { folder, run, report } = await rot(context, filesystem, ['--fault', 'text-records']);
    expect(run.status).toBe(1);
    expect(report.states.violated).toBeGreaterThan(0);
    for (const finding of report.findings) {
      expect(['torn', 'corrupt', 'phantom']).toContain(finding.class);
      expect(finding).toMatchObject({ assumption: 'bit-rot', blamed: 'store' });
      expect(finding.state).toMatch(/^p\d+%\d+\.[0-7]$/);
    }
    const [{ reproduce, state } = {}] = report.findings;
    const again = await powercutLine(`${reproduce!} --json again.json`, folder);
    expect(again.status).toBe(1);
    expect(onlyRun(readReport(folder.path('again.json'))).findings).toMatchObject([{ state }]);
    const { status, stdout } = await powercut(['verify', 'report.json'], folder);
    expect(stdout).toMatch(/^(not proved: .*, assuming bit-rot: a flipped bit stands in no log\n)+$/);
    expect(status).toBe(0);
  });

  it('is told that there is nothing to flip where no file has content', async (context) => {
    requirement(context, 'guest', 'native replay', 'ext4');
    const folder = workFolder((remove) => context.onTestFinished(remove));
    const { status, stderr } = await powercut(['replay', '--bit-flip', '--workload', 'true'], folder);
    expect(stderr).toMatch(/^note: no bit is flipped: at p\d+ there is no file with content$/m);
    expect(status).toBe(2);
  });
});
