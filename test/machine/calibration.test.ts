/** Real stores, in settings whose verdict is known, on real recordings: safe ones are never accused, the others are found out. */
import { describe, expect, it } from 'vitest';
import { RECORDINGS, wordsOf } from '../../calibration/catalogue.mjs';
import { STORES, versionOf } from '../../calibration/stores.mjs';
import { isAsKnown } from '../../calibration/tables.mjs';
import { powercut, REPOSITORY } from './support/powercut.ts';
import { onlyRun, readReport } from './support/report.ts';
import { longTest, missing, requirement, type Need } from './support/requirement.ts';
import { workFolder } from './support/work-folder.ts';

/** What `npm test` looks at, at the barriers alone; the rest has a command of its own. */
const ALWAYS = ['sqlite-wal-full ext4', 'sqlite-delete-full ext4'];

describe.concurrent('calibration', () => {
  it.for(RECORDINGS)('$key comes out as predicted', { timeout: 900_000 }, async (row, context) => {
    const isShort = ALWAYS.includes(row.key);
    if (!isShort) longTest(context);
    if (versionOf(row.store) === undefined)
      missing(context, `${STORES[row.store]!.title}: ${STORES[row.store]!.remedy}`);
    requirement(context, 'guest', 'native replay', row.fs.split(':')[0] as Need);
    const folder = workFolder((remove) => context.onTestFinished(remove));
    const strategies = isShort ? ['--each-barrier'] : row.strategies;
    const words = [
      'replay',
      ...wordsOf({ ...row, strategies }),
      '--out',
      folder.path('out'),
      '--json',
      folder.path('report.json'),
    ];
    const { status, stderr } = await powercut(words, { cwd: REPOSITORY });
    expect([0, 1, 2], stderr).toContain(status);
    const { findings, states } = onlyRun(readReport(folder.path('report.json')));
    const classes = findings.filter(({ blamed }) => blamed === 'store').map((each) => [each.class, each.states]);
    const found = { ...states, classes: Object.fromEntries(classes), whenSpared: {} };
    expect(isAsKnown(row, found), JSON.stringify(findings)).toBe(true);
  });
});
