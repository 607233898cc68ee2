import { execFileSync } from 'node:child_process';
import {
  existsSync,
  ftruncateSync,
  fsyncSync,
  mkdirSync,
  openSync,
  closeSync,
  readSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlockDevice } from '../../src/host/block-device.ts';
import { attachLoop } from '../../src/host/loop-device.ts';
import { ownerName } from '../../src/host/owner.ts';
import { Scope } from '../../src/host/scope.ts';
import { scratchMemory } from '../../src/host/scratch.ts';
import { flushBlockDevice } from '../../src/host/sys/block-cache.ts';
import { mount, unmount } from '../../src/host/sys/mount.ts';
import {
  createInstance,
  deadInstances,
  listInstances,
  openTracefs,
  removeInstance,
} from '../../src/host/sys/tracefs.ts';
import { MIB } from '../../src/units.ts';
import { RING_RECORDS } from '../../src/tracer/bpf-program.ts';
import { openBpfTracer } from '../../src/tracer/bpf-tracer.ts';
import { CheckedTracer } from '../../src/tracer/checked-tracer.ts';
import { chooseTracer, describeTracer } from '../../src/tracer/choose-tracer.ts';
import { openComparingTracer } from '../../src/tracer/comparing-tracer.ts';
import { openTracefsTracer } from '../../src/tracer/tracefs-tracer.ts';
import { CANNOT_TELL, type BlockTracer, type Trace } from '../../src/tracer/tracer.ts';
import { obstacleTo, obstacleToTracer } from './needs.ts';

const obstacle = obstacleTo('ext4');
const suffix = (reason: string | undefined): string => (reason === undefined ? '' : ` (skipped: ${reason})`);

let scope: Scope;
let folder: string;
let device: BlockDevice;

function attach(name: string): BlockDevice {
  const path = join(folder, name);
  const fd = openSync(path, 'w');
  ftruncateSync(fd, 64 * MIB);
  closeSync(fd);
  const attached = attachLoop(path, folder, 512);
  scope.add(name, () => attached.release());
  return attached;
}

beforeEach(() => {
  if (obstacle !== undefined) return;
  scope = new Scope();
  folder = scratchMemory(scope, 512 * MIB);
  device = attach('traced.img');
});
afterEach(async () => {
  if (obstacle === undefined) expect(await scope.release()).toEqual([]);
});

function started(open: () => BlockTracer): BlockTracer {
  const tracer = open();
  scope.add('tracer', () => tracer.close());
  tracer.start(device);
  return tracer;
}

/** Through the page cache of the device, as tools do. */
function write(to: BlockDevice, offsetBytes: number, lengthBytes: number): void {
  writeSync(to.fd, Buffer.alloc(lengthBytes, 7), 0, lengthBytes, offsetBytes);
  fsyncSync(to.fd);
}

function dd(...words: string[]): void {
  execFileSync('dd', [...words, 'status=none']);
}

const extent = (offsetBytes: number, lengthBytes: number): object => ({ offsetBytes, lengthBytes });

const TRACERS = { bpf: openBpfTracer, tracefs: openTracefsTracer };

describe.each(Object.entries(TRACERS))('the %s tracer', (kind, open) => {
  const reason = obstacle ?? obstacleToTracer(open);
  const test = it.skipIf(reason !== undefined);

  test(`reports what is written, wherever it runs${suffix(reason)}`, () => {
    const tracer = started(open);
    expect(tracer.kind).toBe(kind);
    for (let cpu = 0; cpu < Math.min(availableParallelism(), 8); cpu++) {
      execFileSync('taskset', [
        '-c',
        `${cpu}`,
        'dd',
        'if=/dev/zero',
        `of=${device.path}`,
        'bs=4096',
        'count=2',
        `seek=${10 * cpu}`,
        'oflag=direct',
        'conv=notrunc',
        'status=none',
      ]);
      expect(tracer.collect().written).toEqual({ extents: [extent(40_960 * cpu, 8192)], requestedBytes: 8192 });
    }
    expect(tracer.collect()).toEqual({
      written: { extents: [], requestedBytes: 0 },
      read: { extents: [], requestedBytes: 0 },
    });
  });

  test(`reports what is read, apart${suffix(reason)}`, () => {
    const tracer = started(open);
    dd(`if=${device.path}`, 'of=/dev/null', 'bs=64k', 'skip=3', 'count=2', 'iflag=direct');
    expect(tracer.collect()).toEqual({
      written: { extents: [], requestedBytes: 0 },
      read: { extents: [extent(3 * 65_536, 2 * 65_536)], requestedBytes: 2 * 65_536 },
    });
  });

  // A write that asks for FUA or a flush first is spelt `FWS`, `WFS` and so on; only the first letter tells a read.
  test(`takes synchronous writes, discards and zeroing for writes${suffix(reason)}`, () => {
    const tracer = started(open);
    dd('if=/dev/urandom', `of=${device.path}`, 'bs=4096', 'count=3', 'seek=1', 'oflag=direct,dsync', 'conv=notrunc');
    expect(tracer.collect().written?.extents).toEqual([extent(4096, 12_288)]);
    execFileSync('blkdiscard', ['--offset', '1048576', '--length', '65536', device.path]);
    flushBlockDevice(device.fd, device.path);
    expect(tracer.collect().written?.extents).toEqual([extent(1_048_576, 65_536)]);
    execFileSync('blkdiscard', ['--zeroout', '--offset', '2097152', '--length', '131072', device.path]);
    expect(tracer.collect().written?.extents).toEqual([extent(2_097_152, 131_072)]);
  });

  test(`hears of its own device only, and of the new one after another start${suffix(reason)}`, () => {
    const other = attach('other.img');
    const tracer = started(open);
    write(other, 0, 4096);
    expect(tracer.collect().written?.extents).toEqual([]);
    write(device, 8192, 4096);
    tracer.start(other);
    expect(tracer.collect().written?.extents).toEqual([]);
    write(device, 0, 512);
    write(other, 4096, 4096);
    expect(tracer.collect().written?.extents).toEqual([extent(4096, 4096)]);
  });

  test(`says that it cannot tell when its buffer was too small, and can tell again afterwards${suffix(reason)}`, () => {
    const tracer = started(open);
    for (let i = 0; i <= RING_RECORDS; i++) readDirect(device, i % 1000);
    expect(tracer.collect().read).toBeUndefined();
    write(device, 4096, 4096);
    expect(tracer.collect().written?.extents).toEqual([extent(4096, 4096)]);
  });

  test(`adds up to what the device counted through a mount, work and unmount of ext4${suffix(reason)}`, () => {
    execFileSync('mkfs.ext4', ['-q', '-F', '-E', 'lazy_itable_init=0,lazy_journal_init=0', device.path]);
    flushBlockDevice(device.fd, device.path);
    const tracer = started(() => new CheckedTracer(open()));
    for (let round = 0; round < 5; round++) {
      useFilesystem(round);
      const { written, read } = tracer.collect();
      expect(written?.extents.length).toBeGreaterThan(3);
      const holdsSuperblock = read?.extents.some(
        ({ offsetBytes, lengthBytes }) => offsetBytes <= 1024 && offsetBytes + lengthBytes >= 2048,
      );
      expect(holdsSuperblock).toBe(true);
    }
  });

  test(`can be closed twice and leaves no instance behind${suffix(reason)}`, () => {
    const before = instances();
    const tracer = open();
    tracer.start(device);
    tracer.close();
    tracer.close();
    expect(instances()).toEqual(before);
  });
});

describe.skipIf(obstacle !== undefined)(`chooseTracer${suffix(obstacle)}`, () => {
  const refuse = (why: string) => (): never => {
    throw new Error(`${why}\nmore detail`);
  };
  /** Opens, starts, and is told nothing. */
  const blind = (): BlockTracer => {
    const nothing: Trace = { written: { extents: [], requestedBytes: 0 }, read: { extents: [], requestedBytes: 0 } };
    return { kind: 'bpf', start: () => undefined, collect: () => nothing, close: () => undefined };
  };

  it('takes the first that is seen to work, which then reports', () => {
    const choice = chooseTracer(device);
    scope.add('tracer', () => choice.tracer.close());
    write(device, 4096, 512);
    const { written } = choice.tracer.collect();
    if (choice.tracer.kind === 'compare') expect(written).toBeUndefined();
    else expect(written?.extents).toEqual([extent(4096, 4096)]);
  });

  it('gives the reason for each that was refused', () => {
    const choice = chooseTracer(device, {
      bpf: refuse('EPERM'),
      tracefs: refuse('no tracefs'),
      compare: openComparingTracer,
    });
    expect(describeTracer(choice)).toBe('compare (bpf: EPERM; tracefs: no tracefs)');
    expect(choice.tracer.collect()).toEqual(CANNOT_TELL);
  });

  it('refuses one that opens and is blind, and leaves the device as it was', () => {
    write(device, 0, 8192);
    const choice = chooseTracer(device, { bpf: blind, tracefs: blind, compare: openComparingTracer });
    expect(describeTracer(choice)).toMatch(
      /^compare \(bpf: it did not report a write of the first 4096 bytes of .*; tracefs: it did not/,
    );
    const found = Buffer.alloc(8192);
    readSync(device.fd, found, 0, 8192, 0);
    expect(found.equals(Buffer.alloc(8192, 7))).toBe(true);
  });
});

const noTracefs = obstacle ?? obstacleToTracer(openTracefsTracer);
it.skipIf(noTracefs !== undefined)(
  `tells the trace instances of the dead from all others, and removes only what is ours${suffix(noTracefs)}`,
  () => {
    const tracefs = openTracefs();
    scope.add('tracefs', () => tracefs.close());
    // No process has started at tick 1 of the boot and this pid.
    const dead = ownerName().replace(/-\d+-\d+$/, `-${process.pid}-1`);
    const living = `${ownerName()}-99`;
    const foreign = 'powercut-test-of-someone-else';
    for (const name of [dead, living, foreign]) {
      const instance = createInstance(tracefs, name);
      scope.add(name, () => {
        if (existsSync(instance)) rmdirSync(instance);
      });
    }
    const found = deadInstances(tracefs);
    expect(found).toContain(dead);
    expect(found).not.toContain(living);
    expect(found).not.toContain(foreign);
    removeInstance(tracefs, dead);
    expect(listInstances(tracefs)).not.toContain(dead);
    expect(() => removeInstance(tracefs, 'someone-elses')).toThrow(/powercut did not create it/);
  },
);

function instances(): string[] {
  const tracefs = openTracefs();
  const names = listInstances(tracefs);
  tracefs.close();
  return names.sort();
}

/** One request of 512 bytes each. */
function readDirect(from: BlockDevice, sector: number): void {
  flushBlockDevice(from.fd, from.path);
  readSync(from.fd, Buffer.alloc(512), 0, 512, sector * 8192);
}

function useFilesystem(round: number): void {
  const target = join(folder, 'mnt');
  mkdirSync(target, { recursive: true });
  mount({ source: device.path, target, type: 'ext4', flags: 0, data: '' });
  try {
    writeFileSync(join(target, `file-${round}`), Buffer.alloc(100_000, round), { flush: true });
    if (round > 0) unlinkSync(join(target, `file-${round - 1}`));
  } finally {
    unmount(target);
  }
  flushBlockDevice(device.fd, device.path);
}
