/** The npm package lmdb, a fork of LMDB whose commits may be acknowledged before they are on the disk. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { acknowledge, main, ready, Violated } from './common.mjs';
import { judge, transaction } from './transactions.mjs';

await main({
  options: { flushed: { type: 'boolean' }, 'no-overlapping-sync': { type: 'boolean' } },

  async workload(dir, count, { flushed = false, 'no-overlapping-sync': isClassic = false }) {
    const database = open({
      path: join(dir, 'lmdb-js'),
      encoding: 'string',
      ...(isClassic ? { overlappingSync: false } : {}),
    });
    await database.flushed;
    ready(dir);
    for (let number = 1; number <= count; number++) {
      await database.transaction(() => {
        for (const [key, value] of Object.entries(transaction(number))) void database.put(key, value);
      });
      if (flushed) await database.flushed;
      acknowledge(number);
    }
  },

  async check(dir, count) {
    judge(existsSync(join(dir, 'lmdb-js', 'data.mdb')) ? await readAll(join(dir, 'lmdb-js')) : new Map(), count);
  },
});

async function readAll(path) {
  try {
    const database = open({ path, encoding: 'string' });
    const found = new Map([...database.getRange()].map(({ key, value }) => [key, value]));
    await database.close();
    return found;
  } catch (error) {
    throw new Violated(`corrupt: lmdb says: ${error.message}`);
  }
}
