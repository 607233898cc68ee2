// How fast crash states are tried, as ratios within one run: absolute times differ from machine to machine.
//
//   npm run bench [-- --quick] [--json FILE] [--replay-log PATH]
//
// Needs root and a machine on which `powercut doctor` says that it can replay on this kernel. `--replay-log` names the
// program of xfstests or of josefbacik/log-writes; with it the shell loop that people write around it is timed as well.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { $, echo } from 'zx';
import { startNativeAgent } from '../dist/src/agent/native.js';
import { loadLog } from '../dist/src/pipeline/load-log.js';
import { planStates } from '../dist/src/pipeline/plan-states.js';
import { openRecording } from '../dist/src/pipeline/recording.js';

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'string' }, 'replay-log': { type: 'string' } },
});
const work = mkdtempSync(join(tmpdir(), 'powercut-bench-'));
const powercut = new URL('../dist/src/cli.js', import.meta.url).pathname;
const appends = new URL('./appends.py', import.meta.url).pathname;
const results = { kernel: release(), node: process.version, cores: availableParallelism(), figures: [] };

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
const figure = (name, value, unit, note = '') => {
  results.figures.push({ name, value, unit, note });
  echo(`${name.padEnd(64)} ${String(value).padStart(9)} ${unit.padEnd(10)} ${note}`);
};
const rounded = (value, digits = 3) => Number(value.toFixed(digits));

/** Records `count` appends of 4 KiB, each synced, on a device of `size`, with `bulkMiB` of other data on it before. */
async function record(name, { count, size, bulkMiB = 0 }) {
  const out = join(work, name);
  const setup = bulkMiB > 0 ? ['--setup', `python3 ${appends} {dir} --bulk ${bulkMiB}`] : [];
  const memory = bulkMiB > 0 ? ['--vm-memory', '8G'] : [];
  await $`node ${powercut} record --out ${out} --size ${size} ${memory} ${setup} --workload ${`python3 ${appends} {dir} ${count}`}`.quiet();
  const recordings = join(out, 'recordings');
  return openRecording(join(recordings, readdirSync(recordings)[0]));
}

const replaySettings = {
  cwd: work,
  env: { PATH: process.env.PATH },
  recoverTimeoutMs: 1000,
  checkTimeoutMs: 1000,
  fsck: false,
  reuseVerdicts: false,
  fastForward: 'off',
};

async function plan(recording) {
  const log = loadLog(recording);
  return (await planStates(recording, log, { strategies: ['each-barrier'], fromStart: false })).states;
}

/** Tries states on one engine; the timings of each. */
async function tryAll(recording, states) {
  const { manifest, folder } = recording;
  const agent = await startNativeAgent();
  try {
    const { name, mountOptions } = manifest.filesystem;
    const { sectorBytes } = manifest.device;
    const { tracing } = await agent.call('open', {
      ...replaySettings,
      folder,
      recordingId: manifest.id,
      filesystem: name,
      mountOptions,
      sectorBytes,
    });
    const timings = [];
    for (const { state, ackCount } of states) timings.push((await agent.call('try', { state, ackCount })).timing);
    return { tracing, timings };
  } finally {
    await agent.close();
  }
}

const overheadMs = ({ prepareMs, restoreMs }) => prepareMs + restoreMs;
const floorMs = ({ mountMs, unmountMs }) => mountMs + unmountMs;

async function reportOverhead(recording, states) {
  const { tracing, timings } = await tryAll(recording, states);
  const overhead = median(timings.map(overheadMs));
  const floor = median(timings.map(floorMs));
  figure('reference workload: crash states', states.length, 'states', `tracer: ${tracing}`);
  figure('  mount + unmount (journal recovery), median', rounded(floor), 'ms');
  figure('  everything else that powercut does, median', rounded(overhead), 'ms');
  figure(
    '  overhead over mount + unmount',
    rounded((100 * overhead) / floor, 1),
    '%',
    'target: at most 5 %, and 0.3 ms',
  );
}

async function reportWorkers(recording) {
  const rates = [];
  for (const workers of [1, 2, 3]) {
    const file = join(work, `workers-${workers}.json`);
    await $`node ${powercut} replay ${recording.folder} --no-reuse --workers ${workers} --json ${file}`
      .nothrow()
      .quiet();
    const { runs } = JSON.parse(await $`cat ${file}`.quiet());
    rates.push(runs[0].timing.statesPerSecond);
    figure(
      `  ${workers} worker${workers > 1 ? 's' : ''}, engines' start included`,
      runs[0].timing.statesPerSecond,
      'states/s',
      `${rounded(rates.at(-1) / rates[0], 2)} x one worker`,
    );
  }
}

/** The loop that people write: replay-log to the next flush, copy the image, mount, unmount; each a process. */
async function reportPeer(recording, states, replayLog) {
  const chosen = states
    .filter(({ crashPoint }) => crashPoint !== undefined)
    .slice(...(flags.quick ? [100, 130] : [500, 600]));
  const { timings } = await tryAll(recording, chosen);
  const ours = timings.reduce((sum, timing) => sum + overheadMs(timing) + floorMs(timing), 0) / chosen.length;
  const image = join(work, 'peer.img');
  const scratch = join('/dev/shm', `powercut-bench-${process.pid}`);
  mkdirSync(join(scratch, 'mnt'), { recursive: true });
  const started = performance.now();
  try {
    await $`cp --sparse=always ${join(recording.folder, 'base.img')} ${image}`.quiet();
    let next = 0;
    for (const { crashPoint } of chosen) {
      await $`${replayLog} --log ${join(recording.folder, 'log')} --replay ${image} --start-entry ${next} --limit ${crashPoint + 1 - next}`.quiet();
      next = crashPoint + 1;
      await $`cp --sparse=always ${image} ${join(scratch, 'state.img')}`.quiet();
      await $`mount -o loop ${join(scratch, 'state.img')} ${join(scratch, 'mnt')}`.quiet();
      await $`umount ${join(scratch, 'mnt')}`.quiet();
    }
  } finally {
    await $`umount ${join(scratch, 'mnt')}`.nothrow().quiet();
    rmSync(scratch, { recursive: true, force: true });
  }
  const peer = (performance.now() - started) / chosen.length;
  figure('shell loop around replay-log, cp, mount, umount, same states', rounded(peer, 1), 'ms/state');
  figure('  powercut, one engine, mean', rounded(ours, 2), 'ms/state', `${rounded(peer / ours, 1)} x faster`);
}

async function reportScale() {
  const count = flags.quick ? 40 : 200;
  const small = await record('small', { count, size: '64M' });
  const large = await record('large', { count, size: '8G', bulkMiB: flags.quick ? 64 : 1024 });
  const costs = [];
  for (const [name, recording] of [
    ['64 MiB image', small],
    [flags.quick ? '8 GiB image, 64 MiB data' : '8 GiB image, 1 GiB data', large],
  ]) {
    const { timings } = await tryAll(recording, await plan(recording));
    costs.push(median(timings.map((timing) => overheadMs(timing) + floorMs(timing))));
    figure(
      `per state, ${name}`,
      rounded(costs.at(-1)),
      'ms',
      `overhead ${rounded(median(timings.map(overheadMs)))} ms; ${rounded(costs.at(-1) / costs[0], 2)} x`,
    );
  }
}

async function reportLogLength() {
  const base = [];
  for (const count of flags.quick ? [120, 500] : [120, 1200, 12_000]) {
    const recording = await record(`log-${count}`, { count, size: '256M' });
    const states = await plan(recording);
    // The last states, where all of the log lies before them; their journal is no longer than any other's.
    const { timings } = await tryAll(recording, states.slice(-200));
    base.push(median(timings.slice(1).map(overheadMs)));
    figure(
      `overhead behind ${recording.manifest.counts.entries} log entries`,
      rounded(base.at(-1)),
      'ms',
      `${rounded(base.at(-1) / base[0], 2)} x`,
    );
  }
}

try {
  echo(`kernel ${results.kernel}, node ${results.node}, ${results.cores} cores`);
  const reference = await record('reference', { count: flags.quick ? 100 : 500, size: '256M' });
  const states = await plan(reference);
  await reportOverhead(reference, states);
  await reportWorkers(reference);
  if (flags['replay-log']) await reportPeer(reference, states, flags['replay-log']);
  else echo('shell loop around replay-log: skipped, no --replay-log PATH given');
  await reportScale();
  await reportLogLength();
  if (flags.json) writeFileSync(flags.json, `${JSON.stringify(results, null, 2)}\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
