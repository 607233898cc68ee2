/**
 * Real stores, each in settings that keep their word and in settings that do not, with the verdict that their documentation and
 * their sources predict. What each store needs on the machine stands in stores.mjs.
 *
 * @typedef {object} Prediction of what a store breaks
 * @property {string[]} must classes that have to be found
 * @property {string[]} [may] classes that may be found too; any other is a surprise
 * @property {number} [losesAtMost] so many acknowledged operations: asked for that many fewer, the store must hold
 *
 * @typedef {object} Row
 * @property {string} store key of STORES
 * @property {string} settings in the store's own words
 * @property {string} workload
 * @property {string} check
 * @property {string} [setup]
 * @property {string[]} fs file systems to record on, as powercut's --fs takes them
 * @property {string[]} strategies options of powercut
 * @property {'ok' | Prediction} predicted
 * @property {{ as: 'ok' | Prediction, because: string }} [differs] what came out where that was not predicted, and the heading on the page
 *   that says why
 */

import {
  atomically,
  EVERY_HONEST_DISK,
  fsExtra,
  leveldb,
  lmdb,
  lmdbJs,
  nedb,
  postgres,
  redis,
  sqlite,
  steno,
  writeFileAtomic,
} from './commands.mjs';

/** A start of PostgreSQL takes some tenths of a second, and its pages are 8 KiB. */
const FEWER_STATES = ['--each-barrier', '--each-write', '--in-flight 8', '--torn 4096'];
const FEWER_UNTORN = ['--each-barrier', '--each-write', '--in-flight 8'];

/** The power goes again at every barrier of each recovery. */
const TWICE = ['--each-barrier', '--during-recovery'];

const EXT4 = ['ext4'];
const EXT4_AND_XFS = ['ext4', 'xfs'];
const ALL_MODES = [...EXT4_AND_XFS, 'ext4:data=journal', 'ext4:data=writeback', 'btrfs'];
const WRITEBACK = ['corrupt', 'torn', 'reordered'];

const lostLast = { must: ['lost'], losesAtMost: 1 };
const lost = { must: ['lost'] };

/** @type {Record<string, Row>} */
export const ROWS = {
  'sqlite-delete-extra': sqlite(
    'journal_mode=DELETE, synchronous=EXTRA',
    '12 --journal DELETE --synchronous EXTRA',
    ALL_MODES,
    'ok',
  ),
  'sqlite-delete-extra-twice': sqlite(
    'journal_mode=DELETE, synchronous=EXTRA, power cuts during recovery',
    '12 --journal DELETE --synchronous EXTRA',
    EXT4,
    'ok',
    TWICE,
  ),
  'sqlite-truncate-full': sqlite(
    'journal_mode=TRUNCATE, synchronous=FULL',
    '12 --journal TRUNCATE --synchronous FULL',
    EXT4,
    'ok',
  ),
  'sqlite-persist-full': sqlite(
    'journal_mode=PERSIST, synchronous=FULL',
    '12 --journal PERSIST --synchronous FULL',
    EXT4,
    'ok',
  ),
  'sqlite-wal-full': sqlite(
    'journal_mode=WAL, synchronous=FULL',
    '12 --journal WAL --synchronous FULL',
    ALL_MODES,
    'ok',
  ),
  'sqlite-wal-full-checkpoints': sqlite(
    'journal_mode=WAL, synchronous=FULL, wal_autocheckpoint=12',
    '16 --journal WAL --synchronous FULL --checkpoint 12',
    EXT4,
    'ok',
  ),
  'sqlite-delete-full': sqlite(
    'journal_mode=DELETE, synchronous=FULL (the default)',
    '12 --journal DELETE --synchronous FULL',
    EXT4_AND_XFS,
    lostLast,
  ),
  'sqlite-wal-normal': sqlite(
    'journal_mode=WAL, synchronous=NORMAL',
    '12 --journal WAL --synchronous NORMAL',
    EXT4_AND_XFS,
    lost,
  ),
  'sqlite-wal-normal-checkpoints': sqlite(
    'journal_mode=WAL, synchronous=NORMAL, wal_autocheckpoint=12',
    '16 --journal WAL --synchronous NORMAL --checkpoint 12',
    EXT4,
    lost,
  ),
  'sqlite-delete-off': sqlite('journal_mode=DELETE, synchronous=OFF', '12 --journal DELETE --synchronous OFF', EXT4, {
    must: ['lost', 'corrupt'],
    may: WRITEBACK,
  }),
  'sqlite-memory-full': sqlite(
    'journal_mode=MEMORY, synchronous=FULL',
    '12 --journal MEMORY --synchronous FULL',
    EXT4,
    {
      must: ['corrupt'],
      may: ['lost', ...WRITEBACK],
    },
  ),

  'lmdb-default': lmdb('default', '12', EXT4_AND_XFS, 'ok'),
  'lmdb-default-twice': lmdb('default, power cuts during recovery', '12', EXT4, 'ok', TWICE),
  'lmdb-no-meta-sync': lmdb('MDB_NOMETASYNC', '12 --no-meta-sync', EXT4, lostLast),
  'lmdb-no-sync': lmdb('MDB_NOSYNC', '12 --no-sync', EXT4, { must: ['lost', 'corrupt'], may: WRITEBACK }),
  'lmdb-map-async': lmdb('MDB_WRITEMAP, MDB_MAPASYNC, MDB_NOSYNC', '12 --map-async --no-sync', EXT4, {
    must: ['lost'],
    may: WRITEBACK,
  }),

  'lmdb-js-flushed': lmdbJs('acknowledged after `await db.flushed`', '12 --flushed', EXT4, 'ok'),
  'lmdb-js-classic': lmdbJs('overlappingSync: false', '12 --no-overlapping-sync', EXT4, 'ok'),
  'lmdb-js-default': {
    ...lmdbJs('default, acknowledged after the transaction', '12', EXT4, lost, EVERY_HONEST_DISK),
    differs: { as: 'ok', because: 'lmdb-js acknowledges later than it says' },
  },

  'leveldb-sync': leveldb('sync: true', '60 --sync', EXT4_AND_XFS, 'ok'),
  'leveldb-default': leveldb('sync: false (the default)', '60', EXT4, lost),

  'redis-always': redis('appendfsync always', '12', EXT4_AND_XFS, 'ok'),
  'redis-always-twice': redis('appendfsync always, power cuts during recovery', '12', EXT4, 'ok', TWICE),
  'redis-always-rewritten': redis(
    'appendfsync always, and BGREWRITEAOF after every fourth',
    '12 --checkpoint 4',
    EXT4,
    'ok',
  ),
  'redis-everysec': redis(
    'appendfsync everysec, beside a program that syncs',
    '12 --appendfsync everysec --neighbour --pause-ms 150',
    EXT4,
    {
      must: ['lost', 'corrupt'],
    },
  ),
  'redis-rdb': redis('no append-only file, save 1 1', '12 --rdb', EXT4, lost),

  'postgresql-default': postgres('default', '12 --checkpoint 4', EXT4_AND_XFS, 'ok', FEWER_STATES),
  'postgresql-asynchronous': postgres(
    'synchronous_commit=off',
    '12 --set synchronous_commit=off',
    EXT4,
    lost,
    FEWER_UNTORN,
  ),
  'postgresql-no-fsync': postgres(
    'fsync=off',
    '12 --checkpoint 4 --set fsync=off',
    EXT4,
    { must: ['lost'], may: WRITEBACK },
    FEWER_UNTORN,
  ),
  'postgresql-no-page-writes': postgres(
    'full_page_writes=off, no write torn',
    '12 --checkpoint 4 --set full_page_writes=off',
    EXT4,
    'ok',
    FEWER_UNTORN,
  ),
  'postgresql-no-page-writes-torn': postgres(
    'full_page_writes=off, a page torn',
    '12 --checkpoint 4 --set full_page_writes=off',
    EXT4,
    { must: ['corrupt'], may: ['torn', 'lost', 'reordered'] },
    ['--torn 4096'],
  ),

  'write-file-atomic-folder-fsync': writeFileAtomic(
    'and an fsync of the folder after each write',
    '10 --library write-file-atomic --sync-folder',
    EXT4_AND_XFS,
    'ok',
  ),
  'write-file-atomic': writeFileAtomic('default', '10 --library write-file-atomic', EXT4_AND_XFS, lostLast),
  'write-file-atomic-many': writeFileAtomic(
    'default, a new name each time',
    '10 --library write-file-atomic --many',
    EXT4,
    lostLast,
  ),
  'write-file-atomic-no-fsync': writeFileAtomic(
    'fsync: false',
    '10 --library write-file-atomic-without-fsync',
    EXT4,
    lost,
  ),
  'write-file-atomic-no-fsync-many': writeFileAtomic(
    'fsync: false, a new name each time, beside a program that syncs',
    '10 --library write-file-atomic-without-fsync --many --neighbour',
    EXT4,
    { must: ['torn'], may: ['lost', 'reordered'] },
  ),
  'nedb-compacted': {
    ...nedb('acknowledged after compactDatafileAsync()', '12 --compact', EXT4, 'ok'),
    differs: { as: { must: ['corrupt'] }, because: 'NeDB refuses a small file with NULs at its end' },
  },
  'nedb-compacted-large': nedb('the same, with 12 documents to begin with', '12 --compact --before 12', EXT4, 'ok'),
  'nedb-default': nedb('default', '12', EXT4, lost),
  atomically: atomically('default', '10 --library atomically', EXT4, lostLast),
  steno: steno('default', '10 --library steno', EXT4, lost),
  'steno-no-help': steno(
    'default, beside a program that syncs',
    '10 --library steno --neighbour',
    ['ext4:noauto_da_alloc', 'xfs'],
    { must: ['torn'], may: ['lost'] },
  ),
  'fs-extra': fsExtra('outputFile(), beside a program that syncs', '30 --library fs-extra --neighbour', EXT4, {
    must: ['torn'],
    may: ['lost'],
  }),
};

/** Each row on each of its file systems: what one recording is made of. */
export const RECORDINGS = Object.entries(ROWS).flatMap(([id, each]) =>
  each.fs.map((fs) => ({ id, key: `${id} ${fs}`, ...each, fs })),
);

/** @param {Omit<Row, 'store' | 'settings' | 'predicted' | 'fs'> & { fs: string }} row @returns {string[]} options of `powercut replay` */
export const wordsOf = ({ fs, strategies, setup, workload, check }) => [
  ...strategies.flatMap((strategy) => strategy.split(' ')),
  '--fs',
  fs,
  ...(setup ? ['--setup', setup] : []),
  '--workload',
  workload,
  '--check',
  check,
];
