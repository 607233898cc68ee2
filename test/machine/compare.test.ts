/** One workload on two file systems: the table, what it means, and the committed table that notices a change. */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { validateComparison } from '../../src/compare/comparison-schema.ts';
import type { Comparison } from '../../src/compare/comparison.ts';
import type { Expectation } from '../../src/compare/expectation.ts';
import { leftovers } from './support/leftovers.ts';
import { APPEND_LOG, powercut, type Run } from './support/powercut.ts';
import { requirement } from './support/requirement.ts';
import { workFolder, type WorkFolder } from './support/work-folder.ts';

const OPERATIONS = 3;
const MODES = ['ext4:data=ordered', 'xfs'];

function compare(folder: WorkFolder, words: readonly string[], ...fault: string[]): Promise<Run> {
  const filesystems = MODES.flatMap((spec) => ['--fs', spec]);
  const store = ['--workload', APPEND_LOG.workload(OPERATIONS, ...fault), ...APPEND_LOG.called];
  return powercut(['compare', ...filesystems, ...store, '--json', 'table.json', ...words], folder);
}

function readTable(folder: WorkFolder): Comparison {
  const table = JSON.parse(readFileSync(folder.path('table.json'), 'utf8')) as Comparison;
  expect(validateComparison(table)).toEqual([]);
  expect(table.modes.map(({ mode }) => mode)).toEqual(MODES);
  return table;
}

const UNSOUND = ['--fault', 'ack-before-fsync'];

describe('powercut compare', () => {
  it('notices what changed since the table was committed, and nothing else', async (context) => {
    requirement(context, 'guest', 'native replay', 'ext4', 'xfs');
    const folder = workFolder((remove) => context.onTestFinished(remove));
    const expecting = ['--expect', 'expected.json'];

    const written = await compare(folder, [...expecting, '--update', '--markdown', 'table.md']);
    expect(written.status, written.stderr).toBe(0);
    const sound = readTable(folder);
    expect(sound).toMatchObject({ verdict: 'ok', findings: [], notes: [] });
    for (const { cost, states } of sound.modes) {
      expect(states!.tested).toBeGreaterThan(0);
      expect(cost!.operations).toBe(OPERATIONS);
      // Each operation is synced, so each has had at least one barrier and its own bytes.
      expect(cost!.barriers).toBeGreaterThanOrEqual(OPERATIONS);
      expect(cost!.bytes).toBeGreaterThan(OPERATIONS * 512);
    }
    expect(readFileSync(folder.path('table.md'), 'utf8')).toMatch(/^\| xfs \| ok \| \d+ /m);

    const equal = await compare(folder, expecting);
    expect(equal.status, equal.stderr).toBe(0);
    expect(equal.stdout).toMatch(/^as expected by expected.json$/m);

    const changed = await compare(folder, expecting, ...UNSOUND);
    expect(changed.status, changed.stderr).toBe(1);
    expect(changed.stdout).toMatch(/^not as expected by expected.json:$/m);
    for (const mode of MODES) expect(changed.stdout).toContain(`  ${mode}: new finding: lost\n`);
    const [finding] = readTable(folder).findings;
    expect(finding).toMatchObject({ class: 'lost', assumption: 'cache', spread: 'all', cause: 'store', absent: [] });
    expect(leftovers(folder)).toEqual([]);
  });

  it('goes on without a mode that cannot be had, and keeps the gap out of the committed table', async (context) => {
    requirement(context, 'guest', 'native replay', 'ext4');
    const folder = workFolder((remove) => context.onTestFinished(remove));
    const before: Expectation = { formatVersion: 1, strategies: ['each-barrier'], modes: [] };
    writeFileSync(folder.path('expected.json'), JSON.stringify(before));
    const words = ['compare', '--fs', 'ext4', '--fs', 'ext4:no_such_option', '--json', '-'];
    const store = ['--workload', APPEND_LOG.workload(2), '--check', APPEND_LOG.check];
    const run = await powercut([...words, ...store, '--expect', 'expected.json', '--update'], folder);
    expect(run.status, run.stderr).toBe(69);
    expect(run.stderr).toMatch(/expected.json is left as it was, since ext4:no_such_option was not run/);
    expect(JSON.parse(readFileSync(folder.path('expected.json'), 'utf8'))).toEqual(before);
    const table = JSON.parse(run.stdout) as Comparison;
    expect(validateComparison(table)).toEqual([]);
    expect(table.modes.map(({ verdict }) => verdict)).toEqual(['ok', 'unknown']);
    expect(table.notes[0]).toMatch(/^ext4:no_such_option was not run: /);
    expect(leftovers(folder)).toEqual([]);
  });
});
