/** `workload DIR [COUNT] [--fault NAME]`: drives the server, and tells powercut each operation. Your own imports powercut/workload. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { operate, ready } from '../../src/workload.ts';
import { startServer } from './start-server.ts';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { fault: { type: 'string' } } });
const [directory = '.', count = '12'] = positionals;
const writer = process.env['POWERCUT_WRITER'] ?? '0';
const seed = Number(process.env['POWERCUT_SEED'] ?? '1');
const SHARED_KEYS = 3;

/** One server for all writers of the folder: the first of them starts it and tells the others where it is. */
async function serverUrl(): Promise<string> {
  const file = join(directory, 'url');
  if (writer === '0') {
    const { url } = await startServer(directory, values.fault);
    writeFileSync(`${file}.new`, url);
    renameSync(`${file}.new`, file);
    return url;
  }
  while (!existsSync(file)) await sleep(5);
  return readFileSync(file, 'utf8');
}

async function put(url: string, key: string, value: string): Promise<void> {
  const response = await fetch(`${url}/${encodeURIComponent(key)}`, { method: 'PUT', body: value });
  if (response.status !== 204) throw new Error(`PUT ${key}: ${response.status}`);
}

const url = await serverUrl();
execFileSync('sync', ['-f', directory]);
ready();
for (let number = 1; number <= Number(count); number++) {
  // Most keys are this writer's own; some it shares with the others.
  const shared = (seed + number) % 4 === 0;
  const key = shared ? `shared-${number % SHARED_KEYS}` : `own-${writer}-${number % 7}`;
  const value = `${writer}/${number}/${seed}`;
  await operate({ op: 'put', key, value }, () => put(url, key, value), { session: writer });
}
// Nothing is closed, and the server is not asked to end: powercut ends it.
process.exit(0);
