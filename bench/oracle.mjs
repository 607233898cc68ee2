// How long the judging of one crash state by a history takes, and how that grows with the history.
//
//   npm run bench:oracle [-- --quick] [--json FILE]
//
// Needs nothing but the built program: no root, no kernel. What counts is the growth: judging ten times as many operations
// should take about ten times as long.
import { writeFileSync } from 'node:fs';
import { availableParallelism, release } from 'node:os';
import { parseArgs } from 'node:util';
import { Oracle } from '../dist/src/checks/oracle/oracle.js';
import { parseDurability } from '../dist/src/stores/durability.js';
import { parseHistory } from '../dist/src/stores/history.js';

const { values: flags } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } });
const SIZES = flags.quick ? [1000, 10_000] : [1000, 10_000, 100_000];
const ROUNDS = flags.quick ? 3 : 5;
const WRITERS = 10;

/** Ten writers at once; `effects(id)` is what an operation does. */
function historyOf(count, op, effects) {
  const lines = [];
  for (let first = 1; first <= count; first += WRITERS) {
    const round = Array.from({ length: WRITERS }, (_, i) => first + i);
    for (const id of round) {
      const what = op === 'txn' ? { op, ops: effects(id) } : effects(id)[0];
      lines.push(JSON.stringify({ type: 'invoke', id, ...what, session: `s${id % WRITERS}`, reply: true }));
    }
    for (const id of round) lines.push(JSON.stringify({ type: 'ok', id }));
  }
  return lines.join('\n');
}

function contentAfter(count, effects, lost) {
  const entries = new Map();
  for (let id = 1; id <= count; id++) {
    if (id === lost) continue;
    for (const { op, key, value } of effects(id)) {
      if (op === 'delete') entries.delete(key);
      else entries.set(key, op === 'append' ? (entries.get(key) ?? '') + value : value);
    }
  }
  return entries;
}

const put = (keys) => (id) => [{ op: 'put', key: `k${id % keys}`, value: `<${id}>` }];
const append = (keys) => (id) => [{ op: 'append', key: `k${id % keys}`, value: `<${id}>` }];
const putOrDelete = (keys) => (id) => (id % 7 === 0 ? [{ op: 'delete', key: `k${id % keys}` }] : put(keys)(id));
const transaction = (keys) => (id) =>
  [0, 1, 2].map((i) => ({ op: 'put', key: `k${(3 * id + i) % keys}`, value: `<${id}.${i}>` }));

const SHAPES = [
  ['put, 1000 keys', 'put', put(1000), 'ok'],
  ['put, 1 key', 'put', put(1), 'ok'],
  ['put and delete, 1000 keys', 'put', putOrDelete(1000), 'ok'],
  ['append, 1000 keys', 'append', append(1000), 'ok'],
  ['append, 1 key', 'append', append(1), 'ok'],
  ['transactions of 3, 1000 keys', 'txn', transaction(1000), 'ok'],
  ['put, 1000 keys, one operation lost', 'put', put(1000), 'violated'],
  ['append, 1000 keys, one operation lost', 'append', append(1000), 'violated'],
];

const timed = (body) => {
  const started = performance.now();
  body();
  return performance.now() - started;
};

/**
 * The slower of judging the end of the history, and its middle, where half of it is still to come. Of some rounds the
 * fastest: a busy machine only ever adds to it.
 */
function measure(count, op, effects, expected) {
  const text = historyOf(count, op, effects);
  let history;
  const parseMs = timed(() => (history = parseHistory(text)));
  let oracle;
  const prepareMs = timed(() => (oracle = new Oracle(history, parseDurability([]))));
  // Whole rounds, so that nobody is half-way; what is lost is the last on its key.
  const moments = [count, count / 2].map((upTo) => ({
    passed: 2 * upTo - 1,
    recovered: { kind: 'opened', entries: contentAfter(upTo, effects, expected === 'violated' ? upTo - 50 : 0) },
  }));
  const judge = ({ recovered, passed }) => {
    const { kind } = oracle.judge(recovered, passed).verdict;
    if (kind !== expected) throw new Error(`${op}, ${count} operations: ${kind} instead of ${expected}`);
  };
  const fastest = (at) => Math.min(...Array.from({ length: ROUNDS }, () => timed(() => judge(at))));
  const stateMs = Math.max(...moments.map(fastest));
  return { parseMs, prepareMs, stateMs };
}

const rounded = (value) => Number(value.toFixed(2));
const results = { kernel: release(), node: process.version, cores: availableParallelism(), figures: [] };
console.log(`node ${results.node}, ${results.cores} cores; growth: 1 is linear, 10 is quadratic\n`);
console.log(
  `${'history'.padEnd(40)} ${'operations'.padStart(10)} ${'read once'.padStart(12)} ${'per state'.padStart(12)}  growth`,
);
// Compiled before the first figure.
for (const [, op, effects, expected] of SHAPES) measure(SIZES[0], op, effects, expected);
for (const [name, op, effects, expected] of SHAPES) {
  let before;
  for (const operations of SIZES) {
    const { parseMs, prepareMs, stateMs } = measure(operations, op, effects, expected);
    const growth = before && rounded(stateMs / before.stateMs / (operations / before.operations));
    const readMs = rounded(parseMs + prepareMs);
    results.figures.push({
      name,
      operations,
      readMs,
      stateMs: rounded(stateMs),
      ...(growth !== undefined && { growth }),
    });
    const times = [readMs, rounded(stateMs)].map((ms) => `${ms} ms`.padStart(12)).join(' ');
    console.log(`${name.padEnd(40)} ${String(operations).padStart(10)} ${times}  ${growth ?? ''}`);
    before = { operations, stateMs };
  }
}
if (flags.json) writeFileSync(flags.json, `${JSON.stringify(results, null, 2)}\n`);
