// What the figures share: recordings, engines, and the table that they are told to.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $, echo } from 'zx';
import { startNativeAgent } from '../dist/src/agent/native.js';
import { loadLog } from '../dist/src/pipeline/load-log.js';
import { openRequest } from '../dist/src/pipeline/open-request.js';
import { planStates } from '../dist/src/pipeline/plan-states.js';
import { openRecording } from '../dist/src/pipeline/recording.js';

export const powercut = new URL('../dist/bin/powercut.js', import.meta.url).pathname;
const appends = new URL('./appends.py', import.meta.url).pathname;

export const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
export const rounded = (value, digits = 3) => Number(value.toFixed(digits));
export const overheadMs = ({ prepareMs, restoreMs }) => prepareMs + restoreMs;
export const floorMs = ({ mountMs, unmountMs }) => mountMs + unmountMs;

/** One folder for everything, and the figures so far. @param isQuick smaller workloads, coarser figures */
export function openBench(isQuick) {
  const work = mkdtempSync(join(tmpdir(), 'powercut-bench-'));
  const figures = [];
  const tell = (name, value, unit, note = '') => {
    figures.push({ name, value, unit, note });
    echo(`${name.padEnd(64)} ${String(value).padStart(9)} ${unit.padEnd(10)} ${note}`);
  };
  const bench = { isQuick, work, figures, tell, close: () => rmSync(work, { recursive: true, force: true }) };
  let reference;
  // 500 synced appends of 4 KiB on 256 MiB of ext4; made when the first figure asks for it.
  bench.reference = () => (reference ??= record(bench, 'reference', { count: isQuick ? 100 : 500, size: '256M' }));
  return bench;
}

/** Records `count` appends of 4 KiB, each synced, on a device of `size`, with `bulkMiB` of other data on it before. */
export async function record({ work }, name, { count, size, bulkMiB = 0, fs = 'ext4', sectorBytes = 512 }) {
  const out = join(work, name);
  const setup = bulkMiB > 0 ? ['--setup', `python3 ${appends} {dir} --bulk ${bulkMiB}`] : [];
  const memory = bulkMiB > 0 ? ['--vm-memory', '8G'] : [];
  const workload = `python3 ${appends} {dir} ${count}`;
  const device = ['--fs', fs, '--size', size, '--sector-size', sectorBytes];
  await $`node ${powercut} record --out ${out} ${device} ${memory} ${setup} --workload ${workload}`.quiet();
  const recordings = join(out, 'recordings');
  return openRecording(join(recordings, readdirSync(recordings)[0]));
}

const OPTIONS = {
  strategies: [{ name: 'each-barrier' }],
  seed: 1,
  duringRecovery: 0,
  durability: [],
  repeatRecovery: false,
  recoverTimeoutMs: 1000,
  checkTimeoutMs: 1000,
  fromStart: false,
  fsck: false,
  reuseVerdicts: false,
  fastForward: false,
  cwd: '/',
  env: { PATH: process.env.PATH },
};

/** The states that `--each-barrier` has of a recording, as an engine is asked for them. */
export async function plan(recording) {
  const { items } = await planStates(recording, loadLog(recording), OPTIONS);
  return items.map(({ state, ackCount, anchor }) => ({ state, ackCount, anchor }));
}

/** @param overrides what is to be otherwise than without any option */
export async function openEngine(recording, overrides = {}) {
  const agent = await startNativeAgent();
  try {
    const { tracing } = await agent.call('open', { ...openRequest(recording, OPTIONS), ...overrides });
    return { tracing, close: () => agent.close(), try: (state) => agent.call('try', state) };
  } catch (error) {
    await agent.close();
    throw error;
  }
}

/** Tries states on one engine; the timings of each. */
export async function tryAll(recording, states, overrides) {
  const engine = await openEngine(recording, overrides);
  try {
    const tried = [];
    for (const state of states) tried.push(await engine.try(state));
    return { tracing: engine.tracing, tried, timings: tried.map(({ timing }) => timing) };
  } finally {
    await engine.close();
  }
}
