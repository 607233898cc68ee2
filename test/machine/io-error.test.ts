/** Writes that fail while a store is recorded: one that trusts the next fsync is caught, one that does not is not accused. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import type { Manifest } from '../../src/pipeline/manifest.ts';
import type { RunReport } from '../../src/report/report.ts';
import { leftovers } from './support/leftovers.ts';
import { powercut, powercutLine, REPOSITORY, type Run } from './support/powercut.ts';
import { program } from './support/program.ts';
import { onlyRun, readReport } from './support/report.ts';
import { longTest, requirement, type Need } from './support/requirement.ts';
import { workFolder, type WorkFolder } from './support/work-folder.ts';

const CONFIG = join(REPOSITORY, 'corpus/powercut.config.mjs');
const corpus = (words: string): string => `node ${REPOSITORY}/corpus/workload.mjs ${words}`;

/** Acknowledges whatever the disk says, and tells on standard output how each fsync went. */
const HEEDLESS = `
import { fsyncSync, openSync, readSync, writeSync } from 'node:fs';
const file = openSync(process.argv[2] + '/log', 'a');
fsyncSync(file);
writeSync(1, 'ready\\n');
for (let number = 1; number <= 6; number++) {
  const attempt = (what, step) => {
    try {
      step();
    } catch (error) {
      writeSync(1, what + ' ' + number + ': ' + error.code + '\\n');
    }
  };
  attempt('write', () => writeSync(file, number + '\\n'));
  attempt('fsync', () => fsyncSync(file));
  writeSync(1, 'ack ' + number + '\\n');
  readSync(Number(process.env.POWERCUT_ACK_REPLY), Buffer.alloc(1));
}
`;
const COUNT_LINES = 'found=$(wc -l <"$1/log"); [ "$found" -ge "$2" ] || { echo "lost: $found of $2"; exit 1; }';

interface Replayed {
  readonly folder: WorkFolder;
  readonly run: Run;
  readonly report: RunReport;
  readonly manifest: Manifest;
}

async function replay(context: TestContext, fs: Need, ...words: string[]): Promise<Replayed> {
  requirement(context, 'guest', 'native replay', fs);
  const folder = workFolder((remove) => context.onTestFinished(remove));
  const run = await powercut(['replay', '--fs', fs, ...words, '--json', 'report.json'], folder);
  expect([0, 1], run.stderr).toContain(run.status);
  expect(leftovers(folder)).toEqual([]);
  const report = onlyRun(readReport(folder.path('report.json')));
  const path = folder.path('.powercut', 'recordings', report.recording!.id, 'manifest.json');
  return { folder, run, report, manifest: JSON.parse(readFileSync(path, 'utf8')) as Manifest };
}

const withCorpus = (context: TestContext, words: string, ...flags: string[]): Promise<Replayed> =>
  replay(context, 'ext4', ...flags, '--config', CONFIG, '--workload', corpus(words));

/** Texts of the marks, in the order of the log. */
async function marksOf({ folder, report }: Replayed): Promise<string[]> {
  const log = folder.path('.powercut', 'recordings', report.recording!.id, 'log');
  const { stdout } = await powercut(['log', log], folder);
  return [...stdout.matchAll(/MARK {2}"(.*)"$/gm)].map(([, text]) => text!);
}

describe.concurrent('a store that tries a failed fsync again until it succeeds', () => {
  it('has lost what it acknowledges then, and the finding can be seen again and proved', async (context) => {
    const replayed = await withCorpus(context, 'fsync-error-ignored {dir}', '--io-error', 'writes@ack:4');
    const { folder, run, report, manifest } = replayed;
    expect(run.status).toBe(1);
    expect(report.findings).toMatchObject([{ class: 'lost', blamed: 'store', assumption: 'io-error', acked: 5 }]);
    expect(run.stdout).toMatch(/^ {4}assumes: io-error, a disk that fails to write, and says so$/m);
    expect(run.stderr).toMatch(/^note: --io-error writes@ack:4: writes that failed: \d+$/m);
    expect(manifest.ioError).toEqual({ window: 'writes@ack:4', failedWrites: expect.any(Number) as number });
    const marks = await marksOf(replayed);
    const around = marks.slice(marks.indexOf('ack:4'), marks.indexOf('ack:5') + 1);
    expect(around).toEqual(['ack:4', 'io-error:start', 'io-error:end', 'ack:5']);

    const [finding] = report.findings;
    const again = await powercutLine(`${finding!.reproduce} --json again.json`, folder);
    expect(again.status).toBe(1);
    const { state, message } = finding!;
    expect(onlyRun(readReport(folder.path('again.json'))).findings).toMatchObject([
      { state, message, assumption: 'io-error' },
    ]);

    const verified = await powercut(['verify', 'report.json'], folder);
    expect(verified.stdout).toMatch(/^legal: run 1, finding 1, state "p\d+", assuming io-error\n$/);
    expect(verified.status).toBe(0);
    const { ioErrorFrom: _from, ...silent } = finding!.certificate!;
    writeFileSync(folder.path('silent.json'), JSON.stringify({ ...silent, assumption: 'cache' }));
    const refused = await powercut(['verify', 'silent.json'], folder);
    expect(refused.stdout).toMatch(
      /^illegal: .*it says that writes had failed from none on; by the marks it is entry \d+$/m,
    );
    expect(refused.status).toBe(1);
  });

  it('holds where nothing fails', async (context) => {
    longTest(context);
    const { run, manifest } = await withCorpus(context, 'fsync-error-ignored {dir}');
    expect(run.status, run.stdout).toBe(0);
    expect(manifest).not.toHaveProperty('ioError');
  });
});

describe.concurrent('a store that does not trust it', () => {
  it('holds when it writes elsewhere', async (context) => {
    const { run, report, manifest } = await withCorpus(
      context,
      'fsync-error-ignored {dir} --sound',
      '--io-error',
      'writes@ack:4',
    );
    expect(report.findings).toEqual([]);
    expect(run.status).toBe(0);
    expect(manifest.counts.acknowledgements).toBe(9);
    expect(manifest.ioError).toMatchObject({ window: 'writes@ack:4' });
  });

  it('may stop, and is held to what it had acknowledged', async (context) => {
    const { run, manifest } = await withCorpus(context, 'no-fsync {dir} --sound', '--io-error', 'writes@ack:4,end');
    expect(run.status, run.stdout).toBe(0);
    expect(run.stderr).toMatch(/; the workload then failed, which it may: it exited with 1$/m);
    expect(manifest.counts.acknowledgements).toBe(4);
    expect(manifest.ioError).toMatchObject({ workloadEnd: 'it exited with 1' });
  });
});

describe.concurrent('errors up to the end', () => {
  it.for(['ext4', 'xfs', 'btrfs'] as const)('reach every fsync on %s', async (fs, context) => {
    if (fs !== 'ext4') longTest(context);
    const folder = workFolder((remove) => context.onTestFinished(remove));
    writeFileSync(folder.path('heedless.mjs'), HEEDLESS);
    const check = `${program(folder, 'check', COUNT_LINES)} {dir} {count}`;
    const workload = `node ${folder.path('heedless.mjs')} {dir}`;
    const store = ['--workload', workload, '--check', check];
    const { report, manifest, ...rest } = await replay(context, fs, '--io-error', 'writes@ack:3,end', ...store);
    expect(report.findings).toMatchObject([{ class: 'lost', assumption: 'io-error' }]);
    expect(manifest.counts.acknowledgements).toBe(6);
    const transcript = readFileSync(
      rest.folder.path('.powercut', 'recordings', report.recording!.id, 'transcript.txt'),
      'utf8',
    );
    expect(transcript.match(/^(?:write|fsync) \d/gm)![0]).toBe('fsync 4');
    for (const number of [4, 5, 6])
      expect(transcript).toMatch(new RegExp(`^(fsync|write) ${number}: E(IO|ROFS)$`, 'm'));
  });
});

describe.concurrent('a recording in which nothing failed', () => {
  it('is refused', async (context) => {
    requirement(context, 'guest', 'ext4');
    const folder = workFolder((remove) => context.onTestFinished(remove));
    const workload = corpus('no-fsync {dir} 2 --sound');
    const run = await powercut(['record', '--io-error', 'writes@ack:3', '--workload', workload], folder);
    expect(run.stderr).toMatch(
      /--io-error writes@ack:3: no write failed: the workload acknowledged 2 operations, fewer than 3/,
    );
    expect({ status: run.status, stdout: run.stdout }).toEqual({ status: 70, stdout: '' });
    expect(leftovers(folder)).toEqual([]);
  });
});
