/** The thread that reads acknowledgements, as the built program starts it, on a device that is none. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { REPOSITORY } from './support/powercut.ts';
import { requirement } from './support/requirement.ts';
import { workFolder } from './support/work-folder.ts';

const PROGRAM = `
import { runWorkload } from ${JSON.stringify(`${REPOSITORY}/dist/src/engine/workload.js`)};
import { becomeSubreaper } from ${JSON.stringify(`${REPOSITORY}/dist/src/host/sys/process.js`)};
becomeSubreaper();
const request = {
  argv: ['sleep', '600'], cwd: '.', env: process.env, timeoutMs: 60_000, transcript: 'out.txt', errorTranscript: 'err.txt',
};
await runWorkload(request, { control: 0, name: 'none' }).catch((error) => console.log(error.message));
`;

it('ends the recording when it cannot reach its device, and gives Node nothing to warn of', (context) => {
  requirement(context);
  const folder = workFolder((remove) => context.onTestFinished(remove));
  writeFileSync(folder.path('record.mjs'), PROGRAM);
  const run = spawnSync(process.execPath, ['record.mjs'], {
    cwd: folder.cwd,
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect({ stderr: run.stderr, status: run.status }).toEqual({ stderr: '', status: 0 });
  expect(run.stdout).toMatch(/^the workload failed: its output could not be taken: ioctl/);
});
