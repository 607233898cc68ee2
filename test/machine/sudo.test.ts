/** What is left behind under sudo is the caller's, and nothing else is. */
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { APPEND_LOG, powercut } from './support/powercut.ts';
import { requirement } from './support/requirement.ts';
import { workFolder } from './support/work-folder.ts';

const CALLER = 65534;

it('gives recordings and reports to who called sudo', async (context) => {
  requirement(context, 'root', 'guest', 'native replay', 'ext4');
  const folder = workFolder((remove) => context.onTestFinished(remove));
  mkdirSync(folder.path('out'));
  writeFileSync(folder.path('out/notes.txt'), "somebody else's");
  const words = ['--workload', APPEND_LOG.workload(2), '--check', APPEND_LOG.check];
  const env = { ...folder.env, SUDO_UID: String(CALLER), SUDO_GID: String(CALLER) };
  const options = ['--out', 'out', '--json', 'report.json'];
  const { status, stderr } = await powercut(['replay', ...options, ...words], { ...folder, env });
  expect(status, stderr).toBe(0);
  const owners = readdirSync(folder.cwd, { recursive: true, encoding: 'utf8' }).map((path) => ({
    path,
    mine: statSync(folder.path(path)).uid !== CALLER,
  }));
  expect(owners.length).toBeGreaterThan(8);
  expect(owners.filter(({ mine }) => mine).map(({ path }) => path)).toEqual(['out', 'out/notes.txt']);
});
