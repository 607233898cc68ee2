/** What is refused before the first minute is spent. */
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { useTemporaryFolder } from '../support/temporary-folder.ts';
import { runMain } from './run-main.ts';

const path = useTemporaryFolder();
const STORE = ['--workload', 'true {dir}', '--check', 'true {dir}'];

async function refusal(...words: readonly string[]): Promise<string> {
  const { status, stderr } = await runMain('compare', ...STORE, ...words);
  expect(status, stderr).toBe(64);
  return stderr;
}

describe('powercut compare', () => {
  it('compares no mode with itself', async () => {
    expect(await refusal('--fs', 'xfs', '--fs', 'ext4', '--fs', 'xfs')).toMatch(/xfs is to be compared with itself/);
    expect(await refusal('--fs', 'xfs', '--kernel', '6.1', '--kernel', '6.1')).toMatch(/xfs, kernel 6.1 is to be/);
  });

  it('needs a table to compare with, and says how to get one', async () => {
    expect(await refusal('--expect', path('none.json'))).toMatch(/there is no such file; --update writes it/);
    expect(await refusal('--update')).toMatch(/--update writes the file of --expect, which is not given/);
    expect(await refusal('--expect', '-')).toMatch(/takes a file that is kept/);
  });

  it('takes no other document for a table', async () => {
    writeFileSync(path('bad.json'), '{"formatVersion":1,"strategies":[],"modes":[{"mode":"xfs","verdict":"fine"}]}');
    expect(await refusal('--expect', path('bad.json'))).toMatch(/is no table of expectations[^]*\/modes\/0/);
    writeFileSync(path('bad.json'), '{');
    expect(await refusal('--expect', path('bad.json'))).toMatch(/cannot be read/);
  });

  it('writes no two documents to one place', async () => {
    expect(await refusal('--json', '-', '--markdown', '-')).toMatch(/--json and --markdown would both write -/);
    expect(await refusal('--json', path('a'), '--expect', path('a'), '--update')).toMatch(/would both write/);
    expect(await refusal('--reporter', 'junit')).toMatch(/would both write to standard output/);
    expect(await refusal('--markdown', path('no', 'such', 'c.md'))).toMatch(/--markdown .*there is no folder/);
  });
});
