/** NeDB, an append-only file of JSON lines, by the npm package @seald-io/nedb. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Datastore from '@seald-io/nedb';
import { acknowledge, main, ready, requireAll, valueOf, Violated } from './common.mjs';

const VALUE_BYTES = 1500;

await main({
  options: { compact: { type: 'boolean' }, before: { type: 'string', default: '0' } },

  async workload(dir, count, { compact = false, before }) {
    const database = new Datastore({ filename: join(dir, 'nedb') });
    await database.loadDatabaseAsync();
    for (let number = 1; number <= Number(before); number++) {
      await database.insertAsync({ _id: String(-number), value: valueOf(number, VALUE_BYTES) });
    }
    ready(dir);
    for (let number = 1; number <= count; number++) {
      await database.insertAsync({ _id: String(number), value: valueOf(number, VALUE_BYTES) });
      if (compact) await database.compactDatafileAsync();
      acknowledge(number);
    }
  },

  async check(dir, count) {
    const all = existsSync(join(dir, 'nedb')) ? await readAll(join(dir, 'nedb')) : [];
    // Those from before have negative numbers.
    const found = all.filter(({ _id }) => Number(_id) > 0);
    const reached = Math.max(0, ...found.map(({ _id }) => Number(_id)));
    if (found.length < reached)
      throw new Violated(`reordered: ${reached - found.length} documents before ${reached} are missing`);
    const wrong = found.find(({ _id, value }) => value !== valueOf(Number(_id), VALUE_BYTES));
    if (wrong !== undefined) throw new Violated(`corrupt: document ${wrong._id} came back with another value`);
    requireAll(reached, count, 'document');
  },
});

async function readAll(path) {
  try {
    const database = new Datastore({ filename: path });
    await database.loadDatabaseAsync();
    return await database.findAsync({});
  } catch (error) {
    throw new Violated(`corrupt: NeDB says: ${error.message}`);
  }
}
