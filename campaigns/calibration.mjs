// Does powercut say of real stores what is known of them? Records every row of calibration/catalogue.mjs, replays it with the row's
// strategies, keeps the results in calibration/results.json, and writes the tables of docs/calibration.md from them.
//
//   npm run campaign:calibration [-- --only lmdb,redis-always] [-- --missing] [-- --table] [-- --at-once 2] [-- --keep DIR]
//
// --only: stores or rows. --missing: only what has no result yet. --table: only the tables, from old results. --keep: where recordings
// and reports stay, for `powercut show`.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import pMap from 'p-map';
import { $, echo } from 'zx';
import { RECORDINGS } from '../calibration/catalogue.mjs';
import { STORES, versionOf } from '../calibration/stores.mjs';
import { describeFound, isAsKnown, isAsPredicted, withTables } from '../calibration/tables.mjs';

const root = new URL('..', import.meta.url).pathname;
const powercut = join(root, 'dist/bin/powercut.js');
const results = join(root, 'calibration/results.json');
const page = join(root, 'docs/calibration.md');

const options = {
  only: { type: 'string' },
  missing: { type: 'boolean' },
  table: { type: 'boolean' },
  'at-once': { type: 'string', default: '2' },
  keep: { type: 'string' },
};
const { values: flags } = parseArgs({ options });
const known = JSON.parse(readFileSync(results, 'utf8'));
const work = flags.keep ?? mkdtempSync(join(tmpdir(), 'powercut-calibration-'));
mkdirSync(work, { recursive: true });
try {
  if (!flags.table) await pMap(available(wanted()), tryRow, { concurrency: Number(flags['at-once']) });
  save();
  writeFileSync(page, withTables(readFileSync(page, 'utf8'), known));
} finally {
  if (flags.keep === undefined) rmSync(work, { recursive: true, force: true });
}

function wanted() {
  const only = flags.only?.split(',');
  const chosen = RECORDINGS.filter(({ id, store }) => only === undefined || only.includes(id) || only.includes(store));
  if (chosen.length === 0) throw new Error(`--only ${flags.only}: no such store or row in calibration/catalogue.mjs`);
  return chosen.filter(({ key }) => !flags.missing || !(key in known));
}

/** A store that is not here is left out by its name; its old results stay. */
function available(rows) {
  const absent = [...new Set(rows.map(({ store }) => store))].filter((store) => versionOf(store) === undefined);
  for (const store of absent) echo(`skipped: ${STORES[store].title} is not here: ${STORES[store].remedy}`);
  return rows.filter(({ store }) => !absent.includes(store));
}

/** Rows run concurrently; the file has them in the catalogue's order. */
function save() {
  const keys = RECORDINGS.map(({ key }) => key).filter((key) => key in known);
  const ordered = Object.fromEntries(keys.map((key) => [key, known[key]]));
  writeFileSync(results, `${JSON.stringify(ordered, undefined, 2)}\n`);
}

async function tryRow(row) {
  const recording = await record(row);
  const found = { version: versionOf(row.store), ...(await replay(recording, row)) };
  const spared = row.predicted.losesAtMost;
  if (spared !== undefined) found.whenSpared = (await replay(recording, withSparingCheck(row, spared))).classes;
  known[row.key] = found;
  save();
  echo(`${verdictOn(row, found)}: ${row.key}: ${describeFound(found)}`);
}

function verdictOn(row, found) {
  if (isAsPredicted(row, found)) return 'as predicted';
  return isAsKnown(row, found) ? 'not as predicted, as known' : 'NOT AS PREDICTED';
}

/** The same check, asked for so many operations fewer. */
function withSparingCheck(row, spared) {
  const fewer = row.check.replace('{count}', `$(({count} > ${spared} ? {count} - ${spared} : 0))`);
  return { ...row, check: `sh -c '${fewer}'` };
}

async function record({ fs, setup, workload }) {
  const words = ['--fs', fs, '--out', work, ...(setup ? ['--setup', setup] : []), '--workload', workload];
  return (await $({ quiet: true, cwd: root })`node ${powercut} record ${words}`).stdout.trim();
}

async function replay(recording, { key, strategies, check }) {
  const json = join(work, `${key.replaceAll(/\W/g, '-')}.json`);
  const words = [...strategies.flatMap((strategy) => strategy.split(' ')), '--check', check, '--json', json];
  const run = await $({ quiet: true, nothrow: true, cwd: root })`node ${powercut} replay ${recording} ${words}`;
  if (run.exitCode > 2) throw new Error(`${key}, ${recording}: ${run.stderr}`);
  if (flags.keep !== undefined) echo(`${key}: ${relative('.', recording)}, ${relative('.', json)}`);
  return summaryOf(JSON.parse(readFileSync(json, 'utf8')));
}

function summaryOf({ runs: [run], environment }) {
  const statesBy = (blamed) => {
    const counts = {};
    for (const finding of run.findings.filter((each) => each.blamed === blamed)) {
      counts[finding.class] = (counts[finding.class] ?? 0) + finding.states;
    }
    return counts;
  };
  return {
    classes: statesBy('store'),
    filesystem: statesBy('filesystem'),
    tested: run.states.tested,
    violated: run.states.violated,
    unknown: run.states.unknown,
    recordedOn: run.recording.kernel,
    replayedOn: environment.kernel,
  };
}
