/** What the calibrated stores need on this machine, where it comes from, and which version is here. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PYTHON = '/usr/bin/python3';

/**
 * @typedef {object} Store
 * @property {string} title
 * @property {string} remedy where it is not there
 * @property {string[]} [probe] a command that succeeds when it is there, and says its version
 * @property {string} [module] its npm package
 */

const debian = (title, name, probe, remedy = `apt-get install ${name}`) => ({ title, probe, remedy });
const npm = (title, name) => ({ title, module: name, remedy: 'npm ci --prefix calibration' });

/** @type {Record<string, Store>} */
export const STORES = {
  sqlite: debian('SQLite', 'python3', [PYTHON, '-c', 'import sqlite3; print(sqlite3.sqlite_version)']),
  lmdb: debian('LMDB', 'python3-lmdb', [PYTHON, '-c', 'import lmdb; print("%d.%d.%d" % lmdb.version())']),
  leveldb: npm('LevelDB (classic-level)', 'classic-level'),
  'lmdb-js': npm('lmdb-js (npm lmdb)', 'lmdb'),
  nedb: npm('NeDB', '@seald-io/nedb'),
  redis: debian('Redis', 'redis-server', ['redis-server', '--version']),
  postgresql: debian('PostgreSQL', 'postgresql', [
    'sh',
    '-c',
    'ls -d /usr/lib/postgresql/*/bin/initdb >&2 && psql --version',
  ]),
  'write-file-atomic': npm('write-file-atomic', 'write-file-atomic'),
  atomically: npm('atomically', 'atomically'),
  steno: npm('steno', 'steno'),
  'fs-extra': npm('fs-extra', 'fs-extra'),
};

/** @returns {string | undefined} the version; undefined where the store is not there */
export function versionOf(store) {
  const { probe, module } = STORES[store];
  if (module === undefined) return saidBy(probe)?.match(/\d+(?:\.\d+)+/)?.[0];
  const description = fileURLToPath(new URL(`node_modules/${module}/package.json`, import.meta.url));
  return existsSync(description) ? JSON.parse(readFileSync(description, 'utf8')).version : undefined;
}

function saidBy([program, ...words]) {
  try {
    return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}
