// Which strategy shows which planted fault? Records every store of the corpus and its sound twin, replays the faulty ones with each
// strategy alone and the sound ones with all together, keeps the results in corpus/results.json, and writes the tables of
// docs/corpus.md from them.
//
//   npm run campaign:corpus [-- --only no-fsync,tombstone-lost] [-- --missing] [-- --table] [-- --at-once 2]
//
// --missing: only rows that have no result yet. --table: only the tables, from old results.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pMap from 'p-map';
import { $, echo } from 'zx';
import { FAULTS } from '../corpus/catalogue.mjs';
import { isAsPredicted, STRATEGIES, strategiesFor, withTables } from '../corpus/tables.mjs';

/** One of the store's will do; the file system's own, which a torn superblock makes, may come before it. */
const enoughFindings = (strategy) => (strategy === 'torn' ? 2 : 1);

const root = new URL('..', import.meta.url).pathname;
const powercut = join(root, 'dist/bin/powercut.js');
const config = join(root, 'corpus/powercut.config.mjs');
const results = join(root, 'corpus/results.json');
const page = join(root, 'docs/corpus.md');

const options = {
  only: { type: 'string' },
  missing: { type: 'boolean' },
  table: { type: 'boolean' },
  'at-once': { type: 'string', default: '2' },
};
const { values: flags } = parseArgs({ options });
const known = JSON.parse(readFileSync(results, 'utf8'));
const work = mkdtempSync(join(tmpdir(), 'powercut-corpus-'));
try {
  if (!flags.table) await pMap(wanted(), tryRow, { concurrency: Number(flags['at-once']) });
  writeFileSync(page, withTables(readFileSync(page, 'utf8'), known));
  // Rows run concurrently; the file has them in the catalogue's order.
  writeFileSync(results, `${JSON.stringify(ordered(known), undefined, 2)}\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

function ordered(rows) {
  const order = [...Object.keys(FAULTS), ...Object.values(FAULTS).map(({ store }) => `${store}, sound`)];
  const rank = (key) => order.indexOf(key.slice(0, key.lastIndexOf(' ')));
  return Object.fromEntries(Object.entries(rows).sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b)));
}

/** The faulty stores, and one sound twin for each store and file system. */
function wanted() {
  const names = flags.only?.split(',') ?? Object.keys(FAULTS);
  const rows = names.flatMap((name) => FAULTS[name].fs.map((fs) => ({ name, fs, isSound: false })));
  const twins = new Map(rows.map((row) => [`${FAULTS[row.name].store} ${row.fs}`, { ...row, isSound: true }]));
  return [...rows, ...twins.values()].filter((row) => !flags.missing || !(keyOf(row) in known));
}

function keyOf({ name, fs, isSound }) {
  return `${isSound ? `${FAULTS[name].store}, sound` : name} ${fs}`;
}

async function tryRow(row) {
  const recording = await record(row);
  const found = {};
  const runs = row.isSound ? [STRATEGIES] : strategiesFor(FAULTS[row.name]).map((strategy) => [strategy]);
  for (const strategies of runs) found[strategies.join(', ')] = await replay(recording, strategies, row.isSound);
  const key = keyOf(row);
  known[key] = found;
  writeFileSync(results, `${JSON.stringify(known, undefined, 2)}\n`);
  const said = Object.entries(found).map(([run, { classes }]) => `${run}: ${classes.join('+') || 'held'}`);
  echo(`${isAsPredicted(key, found) ? 'as predicted' : 'NOT AS PREDICTED'}: ${key}: ${said.join('; ')}`);
}

async function record({ name, fs, isSound }) {
  const workload = `node ${join(root, 'corpus/workload.mjs')} ${name} {dir}${isSound ? ' --sound' : ''}`;
  const { ioError } = FAULTS[name];
  const device = ioError === undefined ? [] : ['--io-error', ioError];
  const words = ['record', '--fs', fs, ...device, '--out', work, '--config', config, '--workload', workload];
  return (await $({ quiet: true })`node ${powercut} ${words}`).stdout.trim();
}

async function replay(recording, strategies, isSound) {
  const json = join(work, `${recording.split('/').at(-1)}-${strategies[0]}.json`);
  const chosen = strategies.map((strategy) => `--${strategy}`);
  const words = ['replay', recording, ...chosen, '--config', config, '--json', json];
  const limit = isSound ? [] : ['--max-findings', enoughFindings(strategies[0])];
  const { exitCode, stderr } = await $({ quiet: true, nothrow: true })`node ${powercut} ${words} ${limit}`;
  if (exitCode > 2) throw new Error(`${recording}: ${stderr}`);
  const [{ findings, states }] = JSON.parse(readFileSync(json, 'utf8')).runs;
  const classesOf = (blamed) => [
    ...new Set(findings.filter((each) => each.blamed === blamed).map((each) => each.class)),
  ];
  return {
    classes: classesOf('store'),
    filesystem: classesOf('filesystem'),
    tested: states.tested,
    violated: states.violated,
    unknown: states.unknown,
  };
}
