import { execFileSync } from 'node:child_process';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { crashPoints } from '../../src/dmlog/barrier.ts';
import { indexLog } from '../../src/dmlog/log-index.ts';
import { openLogFile } from '../../src/dmlog/log-source.ts';
import { RestorableImage } from '../../src/engine/restorable-image.ts';
import type { Filesystem } from '../../src/filesystems/filesystem.ts';
import { FILESYSTEMS } from '../../src/filesystems/registry.ts';
import { Scope } from '../../src/host/scope.ts';
import { scratchMemory } from '../../src/host/scratch.ts';
import { sparseSha256 } from '../../src/host/sparse.ts';
import { detachMount, mount, unmount } from '../../src/host/sys/mount.ts';
import { umlObstacle } from '../../src/guest/uml.ts';
import type { ReplaySources } from '../../src/replay/content-map.ts';
import { settleInversions } from '../../src/replay/inversion.ts';
import { RollingImage } from '../../src/replay/rolling-image.ts';
import { openBpfTracer } from '../../src/tracer/bpf-tracer.ts';
import { CheckedTracer } from '../../src/tracer/checked-tracer.ts';
import { chooseTracer } from '../../src/tracer/choose-tracer.ts';
import { openComparingTracer } from '../../src/tracer/comparing-tracer.ts';
import { openTracefsTracer } from '../../src/tracer/tracefs-tracer.ts';
import type { BlockTracer, Trace } from '../../src/tracer/tracer.ts';
import { GIB } from '../../src/units.ts';
import { sampleBytes } from '../dmlog/samples.ts';
import { obstacleTo, obstacleToTracer } from './needs.ts';
import { powercut, REPOSITORY } from './support/powercut.ts';

const STATE_COUNT = 32;
const TRACERS: Record<string, () => BlockTracer> = {
  bpf: () => new CheckedTracer(openBpfTracer()),
  tracefs: () => new CheckedTracer(openTracefsTracer()),
  compare: openComparingTracer,
};

const suffix = (reason: string | undefined): string => (reason === undefined ? '' : ` (skipped: ${reason})`);

let scope: Scope;
let folder: string;
let target: string;

beforeEach(() => {
  if (process.geteuid?.() !== 0) return;
  scope = new Scope();
  folder = scratchMemory(scope, 4 * GIB);
  target = join(folder, 'mnt');
  mkdirSync(target);
});
afterEach(async () => {
  if (process.geteuid?.() === 0) expect(await scope.release()).toEqual([]);
});

/** 20 commits of an SQLite database, recorded with dm-log-writes. */
function recordedExt4(): ReplaySources {
  const paths = { base: join(folder, 'base.img'), log: join(folder, 'log') };
  writeFileSync(paths.base, sampleBytes('sqlite-wal-ext4.base.img'));
  writeFileSync(paths.log, sampleBytes('sqlite-wal-ext4.log.img'));
  writeFileSync(join(folder, 'final.img'), sampleBytes('sqlite-wal-ext4.final.img'));
  return opened(paths, join(folder, 'final.img'));
}

const recordings = new Map<string, Promise<string>>();
const recordingsFolder = mkdtempSync(join(tmpdir(), 'powercut-test-'));
afterAll(() => rmSync(recordingsFolder, { recursive: true, force: true }));

/** A real recording on this file system, made once for all tests. */
async function recorded(name: string): Promise<ReplaySources> {
  const making = recordings.get(name) ?? makeRecording(name);
  recordings.set(name, making);
  const made = await making;
  return opened({ base: join(made, 'base.img'), log: join(made, 'log') }, join(made, 'final.img'));
}

async function makeRecording(name: string): Promise<string> {
  const workload = `python3 ${join(REPOSITORY, 'campaigns/churn.py')} {dir} 60`;
  const out = join(recordingsFolder, name);
  const run = await powercut(['record', '--fs', name, '--out', out, '--workload', workload], { cwd: recordingsFolder });
  expect(run.status, run.stderr).toBe(0);
  return run.stdout.trim();
}

function opened({ base, log }: { base: string; log: string }, final: string | undefined): ReplaySources {
  const source = openLogFile(log);
  const index = indexLog(source);
  source.close();
  const logFd = openSync(log, 'r');
  const finalFd = final === undefined ? undefined : openSync(final, 'r');
  const { corrections } = settleInversions(index, logFd, finalFd);
  closeSync(logFd);
  if (finalFd !== undefined) closeSync(finalFd);
  return { base, log, index, corrections };
}

function imageOf(sources: ReplaySources, tracer: () => BlockTracer): RestorableImage {
  const image = new RestorableImage(sources, { folder, blockBytes: sources.index.sectorBytes, tracerFor: tracer });
  scope.add('restorable image', () => image.close());
  return image;
}

function pristineOf(sources: ReplaySources): RollingImage {
  const image = new RollingImage(sources, join(folder, 'pristine.img'));
  scope.add('pristine image', () => image.close());
  return image;
}

/** The base, and crash points spread over the whole log. */
function statesOf({ index }: ReplaySources): (number | undefined)[] {
  const points = [...crashPoints(index)];
  const count = Math.min(points.length, STATE_COUNT);
  return [
    undefined,
    ...Array.from({ length: count }, (_, i) => points[Math.floor(((i + 1) * points.length) / count) - 1]),
  ];
}

function mountImage(image: RestorableImage, filesystem: Filesystem): void {
  mount({
    source: image.device.path,
    target,
    type: filesystem.name,
    flags: 0,
    data: filesystem.recoveryOptions.join(','),
  });
}

/** Mounts, which recovers the journal; changes files in every way; unmounts. */
function disturb(image: RestorableImage, filesystem: Filesystem, round: number): void {
  mountImage(image, filesystem);
  try {
    const files = readdirSync(target, { withFileTypes: true }).filter((entry) => entry.isFile());
    for (const [i, { name }] of files.entries()) {
      const path = join(target, name);
      if ((i + round) % 3 === 0) rmSync(path);
      else if ((i + round) % 3 === 1) writeFileSync(path, Buffer.alloc(10_000, round), { flag: 'r+', flush: true });
      else renameSync(path, `${path}.renamed`);
    }
    mkdirSync(join(target, `new-${round}`));
    writeFileSync(join(target, `new-${round}`, 'file'), Buffer.alloc(70_000, round));
    if (round % 8 === 0) trim(target);
  } finally {
    unmount(target);
  }
  // Tools write to the device itself, through its page cache.
  if (round % 5 === 0) writeSync(image.device.fd, Buffer.alloc(700, 0xee), 0, 700, 5000 + 4096 * round);
}

/** Discards all that is free: on the scratch image that punches holes. */
function trim(mountPoint: string): void {
  execFileSync('fstrim', [mountPoint], { stdio: 'ignore' });
}

describe.each(Object.entries(TRACERS))('with the %s tracer', (kind, open) => {
  for (const [name, filesystem] of Object.entries(FILESYSTEMS) as [string, Filesystem][]) {
    const reason = obstacleTo(name) ?? obstacleToTracer(open) ?? umlObstacle();
    it.skipIf(reason !== undefined)(`every ${name} state is put back to the byte${suffix(reason)}`, async () => {
      const sources = name === 'ext4' ? recordedExt4() : await recorded(name);
      const image = imageOf(sources, open);
      const pristine = pristineOf(sources);
      const states = statesOf(sources);
      expect(states.length).toBeGreaterThan(30);
      let dirty = 0;
      let told = 0;
      for (const [round, entry] of states.entries()) {
        pristine.rollTo(entry);
        image.rollTo(entry);
        const expected = sparseSha256(pristine.path);
        expect(sparseSha256(image.path), `state ${entry} before it is mounted`).toBe(expected);
        disturb(image, filesystem, round);
        if (sparseSha256(image.path) !== expected) dirty++;
        const trace = image.restore();
        if (trace.written && trace.read) told++;
        expect(sparseSha256(image.path), `state ${entry} put back`).toBe(expected);
      }
      // Else nothing was proven.
      expect(dirty).toBe(states.length);
      // Not every one: a tracer that was held up by somebody else's tracing says so, and that state is compared. What is
      // held to every state is the bytes, above.
      if (kind === 'compare') expect(told).toBe(0);
      else expect(told).toBeGreaterThan(states.length / 2);
    });
  }
});

const reason = obstacleTo('ext4');
describe.skipIf(reason !== undefined)(`RestorableImage${suffix(reason)}`, () => {
  const best = (device: Parameters<typeof chooseTracer>[0]): BlockTracer => chooseTracer(device).tracer;
  const open = (sources: ReplaySources): RestorableImage => {
    const image = new RestorableImage(sources, { folder, blockBytes: sources.index.sectorBytes, tracerFor: best });
    scope.add('restorable image', () => image.close());
    return image;
  };

  it('depends on what the tracer says: a tracer that tells nothing leaves the image changed', () => {
    const nothing: Trace = { written: { extents: [], requestedBytes: 0 }, read: { extents: [], requestedBytes: 0 } };
    const image = imageOf(recordedExt4(), () => ({
      kind: 'bpf',
      start: () => undefined,
      collect: () => nothing,
      close: () => undefined,
    }));
    image.rollTo(undefined);
    const before = sparseSha256(image.path);
    disturb(image, FILESYSTEMS.ext4, 1);
    image.restore();
    expect(sparseSha256(image.path)).not.toBe(before);
  });

  it('compares instead when the tracer missed a request', () => {
    const forgetful = (device: Parameters<typeof chooseTracer>[0]): BlockTracer => {
      const { tracer } = chooseTracer(device);
      const collect = (): Trace => {
        const { written, read } = tracer.collect();
        return {
          read,
          written: written && {
            extents: written.extents.slice(1),
            requestedBytes: written.requestedBytes - (written.extents[0]?.lengthBytes ?? 0),
          },
        };
      };
      return new CheckedTracer({
        kind: tracer.kind,
        start: (each) => tracer.start(each),
        collect,
        close: () => tracer.close(),
      });
    };
    const sources = recordedExt4();
    const image = new RestorableImage(sources, { folder, blockBytes: sources.index.sectorBytes, tracerFor: forgetful });
    scope.add('restorable image', () => image.close());
    image.rollTo(undefined);
    const before = sparseSha256(image.path);
    disturb(image, FILESYSTEMS.ext4, 1);
    expect(image.restore().written).toBeUndefined();
    expect(sparseSha256(image.path)).toBe(before);
  });

  it('puts a state back by itself when it is rolled on', () => {
    const sources = recordedExt4();
    const image = open(sources);
    const pristine = pristineOf(sources);
    const last = statesOf(sources).at(-1);
    image.rollTo(undefined);
    disturb(image, FILESYSTEMS.ext4, 1);
    image.rollTo(last);
    pristine.rollTo(last);
    expect(sparseSha256(image.path)).toBe(sparseSha256(pristine.path));
  });

  it('shows through the device what it holds, also where the kernel had cached what was there before', () => {
    const sources = recordedExt4();
    const image = open(sources);
    const wholeDevice = (): Buffer => {
      const content = Buffer.alloc(statSync(image.path).size);
      readSync(image.device.fd, content, 0, content.length, 0);
      return content;
    };
    for (const entry of statesOf(sources).slice(0, 4)) {
      image.rollTo(entry);
      expect(wholeDevice().equals(readFileSync(image.path)), `state ${entry}`).toBe(true);
      image.restore();
      // Somebody looks between two states, as udev does when a device is closed.
      wholeDevice();
    }
  });

  it('goes on with another device while something still writes to the old one', () => {
    const sources = recordedExt4();
    const image = open(sources);
    const pristine = pristineOf(sources);
    const [first, second] = statesOf(sources).slice(10, 12);
    image.rollTo(first);
    mountImage(image, FILESYSTEMS.ext4);
    const old = image.device.name;
    const lingering = openSync(join(target, 'lingering'), 'w');
    detachMount(target);
    image.abandon();
    expect(image.device.name).not.toBe(old);
    pristine.rollTo(first);
    expect(sparseSha256(image.path)).toBe(sparseSha256(pristine.path));
    image.rollTo(second);
    writeSync(lingering, Buffer.alloc(100_000, 1));
    fsyncSync(lingering);
    disturb(image, FILESYSTEMS.ext4, 1);
    image.restore();
    pristine.rollTo(second);
    expect(sparseSha256(image.path)).toBe(sparseSha256(pristine.path));
    closeSync(lingering);
  });

  it('holds no more memory than the data, however many states have passed', () => {
    const sources = recordedExt4();
    const image = open(sources);
    image.rollTo(undefined);
    const blocks = (): number => Number(execFileSync('stat', ['-c', '%b', image.path], { encoding: 'utf8' }));
    const before = blocks();
    for (let round = 0; round < 5; round++) {
      image.rollTo(undefined);
      mountImage(image, FILESYSTEMS.ext4);
      writeFileSync(join(target, 'large'), Buffer.alloc(8 << 20, round), { flush: true });
      unmount(target);
      expect(blocks()).toBeGreaterThan(before + 10_000);
      image.restore();
    }
    // In units of 512 bytes: a range that is zero in part only stays allocated.
    expect(blocks()).toBeLessThan(before + 2000);
  });

  it('leaves neither file nor device behind, also when it cannot be opened', () => {
    const sources = recordedExt4();
    const before = readdirSync(folder).sort();
    const attached = (): string[] => readdirSync('/sys/block').filter((name) => backedIn(name, folder));
    const fails = (): never => {
      throw new Error('no tracer at all');
    };
    expect(() => imageOf(sources, fails)).toThrow('no tracer at all');
    expect(attached()).toEqual([]);
    const image = new RestorableImage(sources, { folder, blockBytes: 512, tracerFor: best });
    expect(attached()).toHaveLength(1);
    image.close();
    expect(attached()).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(before);
  });
});

function backedIn(block: string, where: string): boolean {
  try {
    return readFileSync(`/sys/block/${block}/loop/backing_file`, 'utf8').startsWith(where);
  } catch {
    return false;
  }
}
