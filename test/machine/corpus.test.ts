/** Every planted fault of the corpus is shown by the strategy that must show it, as what it is; the sound stores stay clean. */
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { FAULTS } from '../../corpus/catalogue.mjs';
import type { RunReport } from '../../src/report/report.ts';
import { powercut, REPOSITORY } from './support/powercut.ts';
import { onlyRun, readReport } from './support/report.ts';
import { longTest, requirement, type Need } from './support/requirement.ts';
import { workFolder } from './support/work-folder.ts';

const HONEST_DISKS = ['--each-barrier', '--each-write', '--in-flight', '--torn'];
/** One of the store's will do; the file system's own, which a torn superblock makes, may come before it. */
const enoughFindings = (strategy: string): string => (strategy === '--torn' ? '2' : '1');
/** For the sound stores: past two checkpoints, and the reopening after the fifth. */
const FEW_OPERATIONS = 6;
/** What `npm test` looks at, one or two faults of each strategy; all of it has a command of its own. */
const ALWAYS = ['no-fsync', 'unlink-without-folder-fsync', 'overwrite-in-place', 'one-sync-for-two-files'];
const ALWAYS_SOUND = ['slot-log'];
/** A document of many sectors can be torn in many ways. */
const FEW_DOCUMENTS = 3;
const ROWS = Object.entries(FAULTS).flatMap(([name, fault]) => fault.fs.map((fs) => ({ name, ...fault, fs })));
const SHOWN = ROWS.flatMap((row) => (row.strategy === undefined ? [] : [{ ...row, strategy: row.strategy }]));
const FORGIVEN = ROWS.filter(({ strategy }) => strategy === undefined);
const SOUND = [...new Map(ROWS.map((row) => [`${row.store} on ${row.fs}`, row])).values()];

/** For those that need a device that fails. */
const device = ({ ioError }: { ioError?: string }): string[] => (ioError === undefined ? [] : ['--io-error', ioError]);

function assumptionOf(strategy: string, { ioError }: { ioError?: string }): string {
  if (ioError !== undefined) return 'io-error';
  return strategy === '--torn' ? 'torn-512' : 'cache';
}

async function replay(context: TestContext, fs: string, workload: string, ...words: string[]): Promise<RunReport> {
  requirement(context, 'guest', 'native replay', fs.split(':')[0] as Need);
  const folder = workFolder((remove) => context.onTestFinished(remove));
  const store = [
    '--config',
    join(REPOSITORY, 'corpus/powercut.config.mjs'),
    '--workload',
    `node ${REPOSITORY}/corpus/workload.mjs ${workload}`,
  ];
  const { status, stderr } = await powercut(
    ['replay', ...words, '--fs', fs, ...store, '--json', 'report.json'],
    folder,
  );
  expect([0, 1, 2], stderr).toContain(status);
  return onlyRun(readReport(folder.path('report.json')));
}

const ofStore = ({ findings }: RunReport) => findings.filter(({ blamed }) => blamed === 'store');

describe.concurrent('the planted fault', () => {
  it.for(SHOWN)('$name is shown by $strategy on $fs as $class', async ({ name, fs, strategy, ...fault }, context) => {
    if (!ALWAYS.includes(name)) longTest(context);
    const words = [...device(fault), strategy, '--max-findings', enoughFindings(strategy)];
    const run = await replay(context, fs, `${name} {dir}`, ...words);
    const finding = ofStore(run).find((each) => each.class === fault.class);
    expect(finding, JSON.stringify(run.findings)).toMatchObject({ assumption: assumptionOf(strategy, fault) });
  });

  it.for(FORGIVEN)('$name is forgiven by $fs', async ({ name, fs }, context) => {
    longTest(context);
    expectClean(await replay(context, fs, `${name} {dir}`, ...HONEST_DISKS));
  });
});

describe.concurrent('the sound store', () => {
  it.for(SOUND)('$store holds on $fs', async ({ name, store, fs, operations, ...fault }, context) => {
    if (!ALWAYS_SOUND.includes(store)) longTest(context);
    const few = operations ?? (store === 'document' ? FEW_DOCUMENTS : FEW_OPERATIONS);
    const words = [...device(fault), ...HONEST_DISKS];
    expectClean(await replay(context, fs, `${name} {dir} ${few} --sound`, ...words));
  });
});

function expectClean(run: RunReport): void {
  expect(ofStore(run)).toEqual([]);
  expect(run.states.unknown).toBe(0);
  expect(run.states.tested).toBe(run.states.distinct);
}
