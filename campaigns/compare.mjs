// Which of these settings survives a power cut on which file system? SQLite in four settings and the append log, each compared over
// six modes and held against the table in campaigns/expected/.
//
//   npm run campaign:compare [-- --only sqlite-wal-full,append-log] [-- --update]
//
// --update: write the tables anew instead. Exit status: 0 all as expected, 1 something changed, else that of the comparison
// that could not be made.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { echo } from 'zx';

const MODES = ['ext4:data=ordered', 'ext4:data=journal', 'ext4:data=writeback', 'xfs', 'btrfs', 'f2fs'];

const root = new URL('..', import.meta.url).pathname;
const sqlite = (journal, synchronous) => [
  '--workload',
  `${root}examples/sqlite/workload {dir} 8 --journal ${journal} --synchronous ${synchronous}`,
  '--check',
  `${root}examples/sqlite/check {dir} {count}`,
];
const STORES = {
  'sqlite-delete-extra': sqlite('DELETE', 'EXTRA'),
  'sqlite-delete-full': sqlite('DELETE', 'FULL'),
  'sqlite-wal-full': sqlite('WAL', 'FULL'),
  'sqlite-wal-normal': sqlite('WAL', 'NORMAL'),
  'append-log': [
    '--workload',
    `node ${root}dist/examples/append-log/workload.js {dir} 8`,
    '--check',
    `node ${root}dist/examples/append-log/check.js {dir} {count}`,
  ],
};

const { values: flags } = parseArgs({ options: { only: { type: 'string' }, update: { type: 'boolean' } } });
const names = flags.only?.split(',') ?? Object.keys(STORES);
const work = mkdtempSync(join(tmpdir(), 'powercut-compare-'));
try {
  const statuses = [];
  for (const [at, name] of names.entries()) {
    echo(`== ${name} (${at + 1} of ${names.length})`);
    statuses.push(await compare(name));
  }
  process.exitCode = Math.max(...statuses);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** @returns the exit status of powercut */
async function compare(name) {
  if (!(name in STORES)) throw new Error(`--only ${name}: there are ${Object.keys(STORES).join(', ')}`);
  const expected = [
    '--expect',
    join(root, 'campaigns/expected', `${name}.json`),
    ...(flags.update ? ['--update'] : []),
  ];
  const modes = MODES.flatMap((mode) => ['--fs', mode]);
  const words = ['compare', '--each-barrier', ...modes, ...STORES[name], ...expected, '--out', work];
  const { exitCode } = await execa(process.execPath, [join(root, 'dist/bin/powercut.js'), ...words], {
    stdio: 'inherit',
    reject: false,
  });
  return exitCode;
}
