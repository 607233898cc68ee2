// Does putting back only what a tracer saw leave the very same disks? For each file system a real recording, and for each of
// its crash states: the image before mounting and the recovered tree, by every tracer that works here, against the plain
// path, which makes a fresh copy for every state. Long, so not part of `npm test`.
//
//   npm run campaign:tracers [-- --states 100]        needs root, and `powercut doctor` saying that it can replay here
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { $, echo } from 'zx';
import { crashPoints } from '../dist/src/dmlog/barrier.js';
import { RestorableImage } from '../dist/src/engine/restorable-image.js';
import { treeHash } from '../dist/src/engine/tree-hash.js';
import { FILESYSTEMS } from '../dist/src/filesystems/registry.js';
import { splitMountOptions } from '../dist/src/filesystems/mount-flags.js';
import { attachLoop } from '../dist/src/host/loop-device.js';
import { copySparse, sparseSha256 } from '../dist/src/host/sparse.js';
import { mount, unmount } from '../dist/src/host/sys/mount.js';
import { loadLog } from '../dist/src/pipeline/load-log.js';
import { openRecording } from '../dist/src/pipeline/recording.js';
import { RollingImage } from '../dist/src/replay/rolling-image.js';
import { openBpfTracer } from '../dist/src/tracer/bpf-tracer.js';
import { CheckedTracer } from '../dist/src/tracer/checked-tracer.js';
import { openComparingTracer } from '../dist/src/tracer/comparing-tracer.js';
import { openTracefsTracer } from '../dist/src/tracer/tracefs-tracer.js';

const { values: flags } = parseArgs({ options: { states: { type: 'string', default: '100' } } });
const limit = Number(flags.states);
const SPECS = ['ext4:data=ordered', 'ext4:data=journal', 'ext4:data=writeback', 'ext4:discard', 'xfs', 'btrfs'];
/** Of zram it must be traced what is written: a comparison would look at the whole disk. */
const DISKS = { 512: ['loop'], 4096: ['loop', 'zram'] };
const TRACERS = {
  bpf: () => new CheckedTracer(openBpfTracer()),
  tracefs: () => new CheckedTracer(openTracefsTracer()),
  compare: openComparingTracer,
};
const TREE_BYTES = 1 << 30;
const powercut = new URL('../dist/bin/powercut.js', import.meta.url).pathname;
const churn = new URL('./churn.py', import.meta.url).pathname;

// Mounts belong into a namespace of their own, which this process must have been started in.
if (process.env['POWERCUT_CAMPAIGN'] !== '1') {
  const again = ['--mount', '--propagation', 'private', process.execPath, ...process.argv.slice(1)];
  const { exitCode } = await $({
    stdio: 'inherit',
    nothrow: true,
    env: { ...process.env, POWERCUT_CAMPAIGN: '1' },
  })`unshare ${again}`;
  process.exit(exitCode);
}

const work = mkdtempSync(join(tmpdir(), 'powercut-campaign-'));
await $`mount -t tmpfs -o size=60% tmpfs ${work}`;
const target = join(work, 'mnt');
mkdirSync(target);

/** Mounts, hashes the recovered tree, changes some of it (as a check may), unmounts. */
async function visit(device, spec, order) {
  const filesystem = FILESYSTEMS[spec.split(':')[0]];
  const options = [...(spec.split(':')[1]?.split(',') ?? []), ...filesystem.recoveryOptions];
  mount({ source: device, target, type: filesystem.name, ...splitMountOptions(options) });
  const tree = treeHash(target, TREE_BYTES);
  await $`sh -c ${`cd "$0" && head -c $((4096 * ($1 % 7 + 1))) /dev/urandom > left-$1; rm -f b$(( $1 % 5 ))*; sync -f .`} ${target} ${order}`.quiet();
  unmount(target);
  return tree;
}

async function plainPath(sources, spec, states, blockBytes) {
  const image = new RollingImage(sources, join(work, 'plain.img'));
  const copy = join(work, 'copy.img');
  const seen = [];
  for (const { anchor, order } of states) {
    image.rollTo(anchor);
    const sha = sparseSha256(image.path);
    copySparse(image.path, copy);
    const device = attachLoop(copy, work, blockBytes);
    seen.push({ sha, tree: await visit(device.path, spec, order) });
    device.release();
  }
  image.close();
  return seen;
}

async function traced(sources, spec, states, blockBytes, open, disk) {
  const image = new RestorableImage(sources, { folder: work, blockBytes, tracerFor: open, disk });
  const seen = [];
  let compared = 0;
  for (const { anchor, order } of states) {
    image.rollTo(anchor);
    const sha = sparseSha256(image.path);
    const tree = await visit(image.device.path, spec, order);
    if (image.restore().written === undefined) compared++;
    seen.push({ sha, tree });
  }
  image.close();
  return { seen, compared };
}

async function compareOn(spec, sectorBytes) {
  const out = join(work, `${spec.replace(/\W/g, '-')}-${sectorBytes}`);
  const device = ['--fs', spec, '--sector-size', sectorBytes];
  await $`node ${powercut} record ${device} --out ${out} --workload ${`python3 ${churn} {dir} 120`}`.quiet();
  const folder = join(out, 'recordings', readdirSync(join(out, 'recordings'))[0]);
  const recording = openRecording(folder);
  const log = loadLog(recording);
  const points = [...crashPoints(log.index)];
  const step = Math.max(1, Math.floor(points.length / limit));
  const states = points.filter((_, i) => i % step === 0).map((anchor, order) => ({ anchor, order }));
  const sources = {
    base: join(folder, 'base.img'),
    log: join(folder, 'log'),
    index: log.index,
    corrections: log.settlement.corrections,
  };
  const expected = await plainPath(sources, spec, states, sectorBytes);
  const { discards } = recording.manifest.counts;
  let found = 0;
  for (const disk of DISKS[sectorBytes]) {
    for (const [name, open] of Object.entries(TRACERS).filter(([name]) => disk === 'loop' || name !== 'compare')) {
      const { seen, compared } = await traced(sources, spec, states, sectorBytes, open, disk);
      const images = seen.filter(({ sha }, i) => sha !== expected[i].sha).length;
      const trees = seen.filter(({ tree }, i) => tree !== expected[i].tree).length;
      found += images + trees;
      echo(
        `${spec.padEnd(20)} ${String(sectorBytes).padEnd(4)} ${disk} ${name.padEnd(8)} ${states.length} states, ${discards} discards: ${images} images and ${trees} trees differ; ${compared} compared`,
      );
    }
  }
  rmSync(out, { recursive: true, force: true });
  return found;
}

let differences = 0;
try {
  for (const sectorBytes of Object.keys(DISKS).map(Number)) {
    for (const spec of SPECS) differences += await compareOn(spec, sectorBytes);
  }
} finally {
  await $`umount -l ${work}`.nothrow().quiet();
  rmSync(work, { recursive: true, force: true });
}
echo(differences === 0 ? 'all the same' : `${differences} differences`);
process.exitCode = differences === 0 ? 0 : 1;
