/** Torn writes that a file system does not survive: its own finding, and the store is judged on what can be mended. */
import { expect, it } from 'vitest';
import { APPEND_LOG, powercut } from './support/powercut.ts';
import { onlyRun, readReport } from './support/report.ts';
import { requirement } from './support/requirement.ts';
import { workFolder } from './support/work-folder.ts';

it('a torn superblock of ext4 is its own finding, and the store behind it is judged', async (context) => {
  requirement(context, 'guest', 'native replay', 'ext4');
  const folder = workFolder((remove) => context.onTestFinished(remove));
  const store = ['--workload', APPEND_LOG.workload(4), ...APPEND_LOG.called];
  const { status } = await powercut(['replay', '--torn', '--json', 'report.json', ...store], folder);
  const { findings, states, recording } = onlyRun(readReport(folder.path('report.json')));
  expect(status).toBe(1);
  expect(findings.length).toBeGreaterThan(0);
  for (const finding of findings) {
    expect(finding).toMatchObject({ class: 'unmountable', blamed: 'filesystem', assumption: 'torn-512' });
  }
  expect(states).toMatchObject({ unknown: 0, skipped: 0 });

  // That the store was asked at all: a check that always complains is heard on the disk that had to be mended.
  const again = [
    'replay',
    `.powercut/recordings/${recording!.id}`,
    '--state',
    findings[0]!.state,
    '--json',
    'again.json',
  ];
  await powercut([...again, '--check', "sh -c 'echo lost: all of it; exit 1'"], folder);
  const { findings: heard } = onlyRun(readReport(folder.path('again.json')));
  expect(heard.map((finding) => finding.blamed).toSorted()).toEqual(['filesystem', 'store']);
});
