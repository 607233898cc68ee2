// A store of one file for each key, with faults that show when its process is killed: planted-store.mjs FAULT workload DIR
// [OPERATIONS], or planted-store.mjs FAULT dump DIR. Every writer puts each key of its own twice.
//   none         what is acknowledged has been written
//   buffer       acknowledges first, and writes pages of 4096 bytes: a value may be cut in two
//   lost-update  the second put of one key in a thousand is acknowledged and dropped
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { invoke, ready } from '../../dist/src/workload.js';

const PAGE = 4096;
const LOST_KEY = 'key-0517';
const [fault, command, dir, operations = '40'] = process.argv.slice(2);
const log = join(dir, 'log');

const stores = {
  none: (key, value) => putFile(key, value),
  'lost-update': (key, value, round) => (key === LOST_KEY && round === 2 ? undefined : putFile(key, value)),
  buffer: (key, value) => putBuffered(`${JSON.stringify([key, value])}\n`),
};

function putFile(key, value) {
  const path = join(dir, `${key}.${process.env.POWERCUT_WRITER}.tmp`);
  writeFileSync(path, value);
  renameSync(path, join(dir, `${key}.value`));
}

let buffered = '';
function putBuffered(line) {
  buffered += line;
  for (; buffered.length >= PAGE; buffered = buffered.slice(PAGE)) {
    const fd = openSync(log, 'a');
    writeSync(fd, buffered.slice(0, PAGE));
    closeSync(fd);
  }
}

function workload() {
  const writer = Number(process.env.POWERCUT_WRITER ?? 0);
  const keys = Math.floor(Number(operations) / 2);
  if (process.env.PLANTED_DAEMON) spawn('setsid', ['sleep', '1000'], { stdio: 'ignore' });
  ready();
  for (let round = 1; round <= 2; round++) {
    for (let i = 0; i < keys; i++) {
      const key = `key-${String(writer * keys + i).padStart(4, '0')}`;
      const value = `${writer}/${round}/${i}/`.padEnd(300, 'x');
      const put = invoke({ op: 'put', key, value });
      stores[fault](key, value, round);
      put.ok();
    }
  }
  process.exit(0);
}

function dump() {
  const print = (key, value) => writeSync(1, `${JSON.stringify({ key, value })}\n`);
  for (const name of readdirSync(dir)) {
    if (name.endsWith('.value')) print(name.slice(0, -'.value'.length), readFileSync(join(dir, name), 'utf8'));
  }
  if (!existsSync(log)) return;
  const held = new Map();
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    // What was cut in two is read as far as it goes, as a careless store does.
    const match = /^\["(key-\d+)","([^"]*)/.exec(line);
    if (match) held.set(match[1], match[2]);
  }
  for (const [key, value] of held) print(key, value);
}

if (command === 'workload') workload();
else dump();
