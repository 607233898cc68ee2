/** What is wrong is said before anything is spent on it; what goes wrong later leaves a reason, and nothing else. */
import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it, type TestContext } from 'vitest';
import { leftovers } from './support/leftovers.ts';
import { powercut, type Run } from './support/powercut.ts';
import { program } from './support/program.ts';
import { requirement } from './support/requirement.ts';
import { workFolder, type WorkFolder } from './support/work-folder.ts';

const folderOf = (context: TestContext): WorkFolder => workFolder((remove) => context.onTestFinished(remove));

describe.concurrent('a command line that cannot be meant', () => {
  it.for([
    ['a misspelt flag', ['replay', '--each-barier'], 'Did you mean --each-barrier?'],
    ['a misspelt command', ['recrod'], 'Did you mean record?'],
    ['an unknown file system', ['replay', '--workload', 'true', '--fs', 'ext5'], 'did you mean "ext4"?'],
    ['no workload', ['replay'], 'there is no workload: give --workload'],
    ['a check that is not there', ['replay', '--workload', 'true', '--check', './no-such-check'], '"./no-such-check"'],
    ['a size that is none', ['replay', '--workload', 'true', '--size', '12Q'], '"12Q" is no size'],
    ['a size below what ext4 needs', ['replay', '--workload', 'true', '--size', '1M'], 'too small for ext4'],
    ['a workload that needs a shell', ['replay', '--workload', 'echo a | cat'], 'no shell is used'],
    [
      'a placeholder that a workload does not know',
      ['replay', '--workload', 'true {count}'],
      'nothing is acknowledged before',
    ],
    ['a misspelt placeholder', ['replay', '--workload', 'true {dirr}'], 'did you mean {dir}?'],
    ['a folder that is no recording', ['replay', '.'], 'is no recording: it has no manifest.json'],
    ['a folder that is not there', ['replay', 'no-such-folder'], 'no-such-folder is no recording'],
  ] as const)('is refused: %s', async ([, words, reason], context) => {
    requirement(context);
    const folder = folderOf(context);
    const { status, stdout, stderr } = await powercut(words, folder);
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
    expect(stderr).toContain(reason);
    expect(existsSync(folder.path('.powercut'))).toBe(false);
  });
});

describe.concurrent('a workload that cannot be recorded', () => {
  async function record(context: TestContext, workload: readonly string[], ...words: readonly string[]): Promise<Run> {
    requirement(context, 'guest', 'ext4');
    const folder = folderOf(context);
    const command = `${program(folder, 'workload', ...workload)} {dir}`;
    const run = await powercut(['record', ...words, '--workload', command], folder);
    expect({ status: run.status, stdout: run.stdout }).toEqual({ status: 70, stdout: '' });
    expect(readdirSync(folder.path('.powercut/recordings'))).toEqual([]);
    expect(leftovers(folder)).toEqual([]);
    return run;
  }

  it('ends with another status than 0: its last words are told', async (context) => {
    const { stderr } = await record(context, ['echo first >&2', 'echo "out of luck" >&2', 'exit 3']);
    expect(stderr).toContain('the workload failed: it exited with 3');
    expect(stderr).toContain('standard error ended with:\nfirst\nout of luck\n');
  });

  it('prints an acknowledgement without an id: dropping it would weaken the test', async (context) => {
    const { stderr } = await record(context, ['echo ack', 'sleep 600']);
    expect(stderr).toContain(
      'the workload failed: its output could not be taken: the id is missing: expected "ack <id>"',
    );
  });

  it('does not end, and neither do its children', async (context) => {
    const lines = ['trap "" TERM INT HUP', 'setsid sleep 600 &', 'sleep 600'];
    const { stderr } = await record(context, lines, '--workload-timeout', '1s');
    expect(stderr).toContain('the workload failed: it did not end within 1 s');
  });

  it('finds the disk full', async (context) => {
    const { stderr } = await record(context, ['set -e', 'head -c 32M /dev/zero >"$1/big"'], '--size', '9M');
    expect(stderr).toContain('No space left on device');
  });

  // dm-log-writes goes on without a word when its log is full.
  it('writes more than the guest can keep', async (context) => {
    const dd = 'dd if=/dev/zero of="$1/file" bs=4M count=1 conv=notrunc,fsync status=none';
    const { stderr } = await record(
      context,
      [`for i in {1..80}; do ${dd}; done`],
      '--vm-memory',
      '384M',
      '--size',
      '16M',
    );
    expect(stderr).toContain('cannot be trusted and was thrown away: the kernel stopped logging');
    expect(stderr).toContain('--vm-memory');
  });
});
