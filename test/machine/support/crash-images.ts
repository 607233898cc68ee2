/** Recordings to make crash states of, and what mount, recovery and a check may do to one. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect } from 'vitest';
import { crashPoints } from '../../../src/dmlog/barrier.ts';
import { indexLog } from '../../../src/dmlog/log-index.ts';
import { openLogFile } from '../../../src/dmlog/log-source.ts';
import { RestorableImage } from '../../../src/engine/restorable-image.ts';
import type { DiskKind } from '../../../src/engine/scratch-disk.ts';
import type { Filesystem } from '../../../src/filesystems/filesystem.ts';
import { Scope } from '../../../src/host/scope.ts';
import { scratchMemory } from '../../../src/host/scratch.ts';
import { mount, unmount } from '../../../src/host/sys/mount.ts';
import type { ReplaySources } from '../../../src/replay/content-map.ts';
import { settleInversions } from '../../../src/replay/inversion.ts';
import { RollingImage } from '../../../src/replay/rolling-image.ts';
import { chooseTracer } from '../../../src/tracer/choose-tracer.ts';
import type { BlockTracer } from '../../../src/tracer/tracer.ts';
import { GIB } from '../../../src/units.ts';
import { sampleBytes } from '../../dmlog/samples.ts';
import { useOwnMounts } from './own-mounts.ts';
import { powercut, REPOSITORY } from './powercut.ts';

const STATE_COUNT = 32;

export type TracerFor = (device: Parameters<typeof chooseTracer>[0]) => BlockTracer;

export const bestTracer: TracerFor = (device) => chooseTracer(device).tracer;

export const skipped = (reason: string | undefined): string => (reason === undefined ? '' : ` (skipped: ${reason})`);

/** A place in memory for one test, and everything that the test attaches; released after it. */
export interface Bench {
  scope: Scope;
  folder: string;
  /** Mount point. */
  target: string;
}

/** To be called once in a test file. The answer's members are those of the test that runs. */
export function useBench(): Bench {
  useOwnMounts();
  const bench = {} as Bench;
  beforeEach(() => {
    if (process.geteuid?.() !== 0) return;
    bench.scope = new Scope();
    bench.folder = scratchMemory(bench.scope, 4 * GIB);
    bench.target = join(bench.folder, 'mnt');
    mkdirSync(bench.target);
  });
  afterEach(async () => {
    if (process.geteuid?.() === 0) expect(await bench.scope.release()).toEqual([]);
  });
  return bench;
}

/** 20 commits of an SQLite database, recorded with dm-log-writes. */
export function recordedExt4({ folder }: Bench): ReplaySources {
  const paths = { base: join(folder, 'base.img'), log: join(folder, 'log') };
  writeFileSync(paths.base, sampleBytes('sqlite-wal-ext4.base.img'));
  writeFileSync(paths.log, sampleBytes('sqlite-wal-ext4.log.img'));
  writeFileSync(join(folder, 'final.img'), sampleBytes('sqlite-wal-ext4.final.img'));
  return opened(paths, join(folder, 'final.img'));
}

/** To be called once in a test file. @returns gives real recordings by `--fs` spec, each made once for all tests */
export function useRecordings(): (spec: string, ...flags: string[]) => Promise<ReplaySources> {
  const made = new Map<string, Promise<string>>();
  const folder = mkdtempSync(join(tmpdir(), 'powercut-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return async (spec, ...flags) => {
    const name = [spec, ...flags].join(' ').replace(/\W+/g, '-');
    const making = made.get(name) ?? makeRecording(spec, flags, join(folder, name));
    made.set(name, making);
    const recording = await making;
    return opened({ base: join(recording, 'base.img'), log: join(recording, 'log') }, join(recording, 'final.img'));
  };
}

async function makeRecording(spec: string, flags: readonly string[], out: string): Promise<string> {
  const workload = `python3 ${join(REPOSITORY, 'campaigns/churn.py')} {dir} 60`;
  mkdirSync(out);
  const run = await powercut(['record', '--fs', spec, '--out', out, ...flags, '--workload', workload], { cwd: out });
  expect(run.status, run.stderr).toBe(0);
  return run.stdout.trim();
}

function opened({ base, log }: { base: string; log: string }, final: string): ReplaySources {
  const source = openLogFile(log);
  const index = indexLog(source);
  source.close();
  const logFd = openSync(log, 'r');
  const finalFd = openSync(final, 'r');
  const { corrections } = settleInversions(index, logFd, finalFd);
  closeSync(logFd);
  closeSync(finalFd);
  return { base, log, index, corrections };
}

export function imageOf(
  { scope, folder }: Bench,
  sources: ReplaySources,
  tracerFor = bestTracer,
  disk: DiskKind = 'loop',
): RestorableImage {
  const image = new RestorableImage(sources, { folder, blockBytes: sources.index.sectorBytes, tracerFor, disk });
  scope.add('restorable image', () => image.close());
  return image;
}

/** What the disk ought to be, made in another way. */
export function pristineOf({ scope, folder }: Bench, sources: ReplaySources): RollingImage {
  const image = new RollingImage(sources, join(folder, 'pristine.img'));
  scope.add('pristine image', () => image.close());
  return image;
}

/** The base, and crash points spread over the whole log. */
export function statesOf({ index }: ReplaySources): (number | undefined)[] {
  const points = [...crashPoints(index)];
  const count = Math.min(points.length, STATE_COUNT);
  return [
    undefined,
    ...Array.from({ length: count }, (_, i) => points[Math.floor(((i + 1) * points.length) / count) - 1]),
  ];
}

export function mountImage({ target }: Bench, image: RestorableImage, filesystem: Filesystem): void {
  const data = filesystem.recoveryOptions.join(',');
  mount({ source: image.device.path, target, type: filesystem.name, flags: 0, data });
}

/** Mounts, which recovers the journal; changes files in every way; unmounts. */
export function disturb(bench: Bench, image: RestorableImage, filesystem: Filesystem, round: number): void {
  const { target } = bench;
  mountImage(bench, image, filesystem);
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
    // Discards all that is free: on the scratch image that punches holes.
    if (round % 8 === 0) execFileSync('fstrim', [target], { stdio: ['ignore', 'ignore', 'pipe'] });
  } finally {
    unmount(target);
  }
  // Tools write to the device itself, through its page cache.
  if (round % 5 === 0) writeSync(image.device.fd, Buffer.alloc(700, 0xee), 0, 700, 5000 + 4096 * round);
}
