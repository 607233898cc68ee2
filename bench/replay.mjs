// How fast crash states are tried, as ratios within one run: absolute times differ from machine to machine.
//
//   npm run bench [-- --quick] [--only NAME,NAME] [--json FILE] [--replay-log PATH]
//
// Needs root and a machine on which `powercut doctor` says that it can replay on this kernel. `--replay-log` names the
// program of xfstests or of josefbacik/log-writes; with it the shell loop that people write around it is timed as well.
import { writeFileSync } from 'node:fs';
import { availableParallelism, release } from 'node:os';
import { parseArgs } from 'node:util';
import { echo } from 'zx';
import { fastForward } from './figures/fast-forward.mjs';
import { logLength } from './figures/log-length.mjs';
import { overhead } from './figures/overhead.mjs';
import { peer } from './figures/peer.mjs';
import { recording } from './figures/recording.mjs';
import { rollForward } from './figures/roll-forward.mjs';
import { scale } from './figures/scale.mjs';
import { workers } from './figures/workers.mjs';
import { zram } from './figures/zram.mjs';
import { openBench } from './measure.mjs';

const FIGURES = {
  overhead,
  workers,
  peer,
  scale,
  'log-length': logLength,
  'roll-forward': rollForward,
  'fast-forward': fastForward,
  zram,
  recording,
};

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    json: { type: 'string' },
    'replay-log': { type: 'string' },
  },
});
const names = flags.only?.split(',') ?? Object.keys(FIGURES);
const unknown = names.find((name) => !(name in FIGURES));
if (unknown !== undefined) {
  throw new Error(`--only ${unknown}: there is no such figure, but ${Object.keys(FIGURES).join(', ')}`);
}

const bench = openBench(flags.quick);
const machine = { kernel: release(), node: process.version, cores: availableParallelism() };
try {
  echo(`kernel ${machine.kernel}, node ${machine.node}, ${machine.cores} cores`);
  for (const name of names) await FIGURES[name](bench, flags);
  if (flags.json) writeFileSync(flags.json, `${JSON.stringify({ ...machine, figures: bench.figures }, null, 2)}\n`);
} finally {
  bench.close();
}
