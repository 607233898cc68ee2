/** LevelDB by the npm package classic-level. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { acknowledge, main, ready, Violated } from './common.mjs';
import { judge, transaction } from './transactions.mjs';

/** So small that the log is replaced, and tables are merged, within a few dozen operations. */
const WRITE_BUFFER_BYTES = 65_536;

await main({
  options: { sync: { type: 'boolean' } },

  async workload(dir, count, { sync = false }) {
    const database = new ClassicLevel(join(dir, 'leveldb'), {
      writeBufferSize: WRITE_BUFFER_BYTES,
      compression: false,
    });
    await database.open();
    ready(dir);
    for (let number = 1; number <= count; number++) {
      const puts = Object.entries(transaction(number)).map(([key, value]) => ({ type: 'put', key, value }));
      await database.batch(puts, { sync });
      acknowledge(number);
    }
  },

  async check(dir, count) {
    judge(existsSync(join(dir, 'leveldb')) ? await readAll(join(dir, 'leveldb')) : new Map(), count);
  },
});

async function readAll(path) {
  try {
    const database = new ClassicLevel(path);
    await database.open();
    const found = new Map(await database.iterator().all());
    await database.close();
    return found;
  } catch (error) {
    throw new Violated(`corrupt: LevelDB says: ${error.cause?.message ?? error.message}`);
  }
}
