/** How a row of each store is made: the commands, from the words that are its own; and the strategies, unless it names some. */

/** Of disks that keep their promises: what a safe setting has to hold under. */
export const EVERY_HONEST_DISK = ['--each-barrier', '--each-write', '--in-flight', '--torn'];
const UNTORN = ['--each-barrier', '--in-flight'];

const row = (store, commands) => (settings, words, fs, predicted, strategies) => ({
  store,
  settings,
  ...commands(words),
  fs,
  predicted,
  strategies: strategies ?? (predicted === 'ok' ? EVERY_HONEST_DISK : UNTORN),
});

const python = (program) => (words) => ({
  workload: `calibration/stores/${program} workload {dir} ${words}`,
  check: `calibration/stores/${program} check {dir} {count}`,
});

const node = (program) => (words) => ({
  workload: `calibration/stores/until-killed node calibration/stores/${program} workload {dir} ${words}`,
  check: `node calibration/stores/${program} check {dir} {count}${words.includes('--many') ? ' --many' : ''}`,
});

export const sqlite = row('sqlite', (words) => ({
  workload: `examples/sqlite/workload {dir} ${words}`,
  check: 'examples/sqlite/check {dir} {count}',
}));

export const lmdb = row('lmdb', python('lmdb_store.py'));

export const lmdbJs = row('lmdb-js', (words) => {
  const { workload, check } = node('lmdb-js.mjs')(words);
  return { workload, check: `calibration/stores/reading-a-map ${check}` };
});

export const leveldb = row('leveldb', node('leveldb.mjs'));

export const redis = row('redis', python('redis_store.py'));

export const postgres = row('postgresql', (words) => ({
  setup: 'calibration/stores/postgres_store.py setup {dir}',
  ...python('postgres_store.py')(words),
}));

export const nedb = row('nedb', node('nedb.mjs'));

const replacing = (library) => row(library, node('replace-file.mjs'));
export const writeFileAtomic = replacing('write-file-atomic');
export const atomically = replacing('atomically');
export const steno = replacing('steno');
export const fsExtra = replacing('fs-extra');
