/** The workloads of docs/histories.md on a real device: recorded, and judged by what they told. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { obstacleTo, SNIPPETS } from '../support/history-snippets.ts';
import { powercut } from './support/powercut.ts';
import { onlyRun, readReport } from './support/report.ts';
import { longTest, missing, requirement } from './support/requirement.ts';
import { workFolder } from './support/work-folder.ts';

const CONFIG = `
import { readdirSync, readFileSync } from 'node:fs';
const keys = (dir) => readdirSync(dir).filter((name) => !name.endsWith('.tmp'));
export default { dump: ({ dir }) => keys(dir).map((key) => [key, readFileSync(dir + '/' + key, 'utf8').trimEnd()]) };
`;

it.for(SNIPPETS)('the workload in $language holds in every state', async (snippet, context) => {
  if (snippet.language === 'python') longTest(context);
  requirement(context, 'guest', 'native replay', 'ext4');
  const obstacle = obstacleTo(snippet);
  if (obstacle !== undefined) missing(context, obstacle);
  const folder = workFolder((remove) => context.onTestFinished(remove));
  writeFileSync(folder.path('powercut.config.mjs'), CONFIG);
  const workload = [...snippet.make(folder.cwd), '{dir}'].join(' ');
  const words = ['replay', '--workload', workload, '--json', 'report.json'];
  const { status, stdout, stderr } = await powercut(words, folder);
  expect(status, stdout + stderr).toBe(0);
  const { recording, states } = onlyRun(readReport(folder.path('report.json')));
  const manifest = JSON.parse(
    readFileSync(folder.path(`.powercut/recordings/${recording!.id}/manifest.json`), 'utf8'),
  ) as { counts: object };
  const { operations } = snippet;
  expect(manifest.counts).toMatchObject({ operations, acknowledgements: operations });
  expect(states.tested).toBeGreaterThan(operations);
});
