import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { $ } from 'zx';
import { openEngine, plan, powercut, rounded } from '../measure.mjs';

const WORKERS = [1, 2, 3];
/** Rounds, each with every number of workers: a machine's pace changes, and the median of the rounds' ratios does not care. */
const ROUNDS = 5;

/** How several engines at once compare with one: at work, and as a whole run with all that starts and plans. */
export async function workers(bench) {
  const recording = await bench.reference();
  await atWork(bench, recording);
  await wholeRuns(bench, recording, 'whole run', []);
  // What most stores have: a program for each state. It reads what was written.
  await wholeRuns(bench, recording, 'whole run with a check', ['--check', 'sh -c "exec cat {dir}/* >/dev/null"']);
}

async function atWork(bench, recording) {
  const states = await plan(recording);
  const rates = WORKERS.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, count] of WORKERS.entries()) rates[at].push(await rateOf(recording, states, count));
  }
  tell(bench, 'once they work', rates);
}

/** Each engine has its part of the log, as in a run; the first state of each is not counted. @returns states a second */
async function rateOf(recording, states, count) {
  const length = Math.ceil(states.length / count);
  const parts = Array.from({ length: count }, (_, at) => states.slice(at * length, (at + 1) * length));
  const engines = await Promise.all(parts.map(() => openEngine(recording)));
  try {
    await Promise.all(engines.map((engine, at) => engine.try(parts[at][0])));
    const started = performance.now();
    await Promise.all(engines.map((engine, at) => tryEach(engine, parts[at].slice(1))));
    return (1000 * (states.length - count)) / (performance.now() - started);
  } finally {
    await Promise.all(engines.map((engine) => engine.close()));
  }
}

async function tryEach(engine, states) {
  for (const state of states) await engine.try(state);
}

async function wholeRuns(bench, recording, what, words) {
  const rates = WORKERS.map(() => []);
  for (let round = 0; round < (bench.isQuick ? 1 : 3); round++) {
    for (const [at, count] of WORKERS.entries()) rates[at].push(await wholeRun(bench, recording, count, words));
  }
  tell(bench, what, rates);
}

async function wholeRun({ work }, recording, count, words) {
  const file = join(work, 'workers.json');
  await $`node ${powercut} replay ${recording.folder} --no-reuse --workers ${count} ${words} --json ${file}`.quiet();
  const { runs } = JSON.parse(readFileSync(file, 'utf8'));
  return runs[0].timing.statesPerSecond;
}

const middle = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

function tell(bench, what, rates) {
  for (const [at, count] of WORKERS.entries()) {
    const ratio = middle(rates[at].map((rate, round) => rate / rates[0][round]));
    const target = count === 2 && !what.startsWith('whole run') ? '; target: at least 1.6 on two cores' : '';
    const name = `  ${count} worker${count > 1 ? 's' : ''}, ${what}`;
    bench.tell(name, rounded(middle(rates[at]), 0), 'states/s', `${rounded(ratio, 2)} x one worker${target}`);
  }
}
