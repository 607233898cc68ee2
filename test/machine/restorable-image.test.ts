import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RestorableImage } from '../../src/engine/restorable-image.ts';
import { FILESYSTEMS } from '../../src/filesystems/registry.ts';
import { sparseSha256 } from '../../src/host/sparse.ts';
import { detachMount, unmount } from '../../src/host/sys/mount.ts';
import { CheckedTracer } from '../../src/tracer/checked-tracer.ts';
import { chooseTracer } from '../../src/tracer/choose-tracer.ts';
import type { Trace } from '../../src/tracer/tracer.ts';
import { zramObstacle } from '../../src/host/zram.ts';
import { obstacleTo } from './needs.ts';
import {
  bestTracer,
  disturb,
  imageOf,
  mountImage,
  pristineOf,
  recordedExt4,
  skipped,
  statesOf,
  useBench,
  type TracerFor,
} from './support/crash-images.ts';
import { missing } from './support/requirement.ts';

const bench = useBench();
const reason = obstacleTo('ext4');
describe.skipIf(reason !== undefined)(`RestorableImage${skipped(reason)}`, () => {
  it('depends on what the tracer says: a tracer that tells nothing leaves the image changed', () => {
    const nothing: Trace = { written: { extents: [], requestedBytes: 0 }, read: { extents: [], requestedBytes: 0 } };
    const image = imageOf(bench, recordedExt4(bench), () => ({
      kind: 'bpf',
      start: () => undefined,
      collect: () => nothing,
      close: () => undefined,
    }));
    image.rollTo(undefined);
    const before = sparseSha256(image.path);
    disturb(bench, image, FILESYSTEMS.ext4, 1);
    image.restore();
    expect(sparseSha256(image.path)).not.toBe(before);
  });

  it('compares instead when the tracer missed a request', () => {
    const forgetful: TracerFor = (device) => {
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
    const sources = recordedExt4(bench);
    const image = imageOf(bench, sources, forgetful);
    image.rollTo(undefined);
    const before = sparseSha256(image.path);
    disturb(bench, image, FILESYSTEMS.ext4, 1);
    expect(image.restore().written).toBeUndefined();
    expect(sparseSha256(image.path)).toBe(before);
  });

  it('puts a state back by itself when it is rolled on', () => {
    const sources = recordedExt4(bench);
    const image = imageOf(bench, sources);
    const pristine = pristineOf(bench, sources);
    const last = statesOf(sources).at(-1);
    image.rollTo(undefined);
    disturb(bench, image, FILESYSTEMS.ext4, 1);
    image.rollTo(last);
    pristine.rollTo(last);
    expect(sparseSha256(image.path)).toBe(sparseSha256(pristine.path));
  });

  it('shows through the device what it holds, also where the kernel had cached what was there before', () => {
    const sources = recordedExt4(bench);
    const image = imageOf(bench, sources);
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

  // A page that is in use when its turn comes survives BLKFLSBUF; what is mapped is in use all the time.
  it.for([
    [512, 'loop'],
    [4096, 'loop'],
    [4096, 'zram'],
  ] as const)(
    'does so also while somebody has all of it mapped: sectors of %d bytes, %s',
    async ([blockBytes, disk], context) => {
      const obstacle = disk === 'zram' ? zramObstacle() : undefined;
      if (obstacle !== undefined) missing(context, `zram: ${obstacle}`);
      const sources = recordedExt4(bench);
      const image = new RestorableImage(sources, { folder: bench.folder, blockBytes, disk, tracerFor: bestTracer });
      bench.scope.add('restorable image', () => image.close());
      const pristine = pristineOf(bench, sources);
      const size = image.sizeBytes;
      const program = `
import mmap, os, sys
pages = mmap.mmap(os.open(sys.argv[1], os.O_RDONLY), ${size}, prot=mmap.PROT_READ)
for line in sys.stdin:
    print(sum(pages[at] for at in range(0, ${size}, 4096)), flush=True)`;
      const reader = spawn('python3', ['-c', program, image.device.path], { stdio: ['pipe', 'pipe', 'inherit'] });
      bench.scope.add('reader', () => void reader.kill('SIGKILL'));
      const content = Buffer.alloc(size);
      for (const [round, entry] of statesOf(sources).slice(0, 20).entries()) {
        image.rollTo(entry);
        pristine.rollTo(entry);
        readSync(image.device.fd, content, 0, size, 0);
        expect(content.equals(readFileSync(pristine.path)), `state ${entry}`).toBe(true);
        reader.stdin.write('\n');
        await once(reader.stdout, 'data');
        // Its blocks of 1024 bytes are none for sectors of 4096.
        if (blockBytes === 512) disturb(bench, image, FILESYSTEMS.ext4, round);
        image.restore();
      }
    },
  );

  it('goes on with another device while something still writes to the old one', () => {
    const sources = recordedExt4(bench);
    const image = imageOf(bench, sources);
    const pristine = pristineOf(bench, sources);
    const [first, second] = statesOf(sources).slice(10, 12);
    image.rollTo(first);
    mountImage(bench, image, FILESYSTEMS.ext4);
    const old = image.device.name;
    const lingering = openSync(join(bench.target, 'lingering'), 'w');
    detachMount(bench.target);
    image.abandon();
    expect(image.device.name).not.toBe(old);
    pristine.rollTo(first);
    expect(sparseSha256(image.path)).toBe(sparseSha256(pristine.path));
    image.rollTo(second);
    writeSync(lingering, Buffer.alloc(100_000, 1));
    fsyncSync(lingering);
    disturb(bench, image, FILESYSTEMS.ext4, 1);
    image.restore();
    pristine.rollTo(second);
    expect(sparseSha256(image.path)).toBe(sparseSha256(pristine.path));
    closeSync(lingering);
  });

  it('holds no more memory than the data, however many states have passed', () => {
    const sources = recordedExt4(bench);
    const image = imageOf(bench, sources);
    image.rollTo(undefined);
    const blocks = (): number => Number(execFileSync('stat', ['-c', '%b', image.path], { encoding: 'utf8' }));
    const before = blocks();
    for (let round = 0; round < 5; round++) {
      image.rollTo(undefined);
      mountImage(bench, image, FILESYSTEMS.ext4);
      writeFileSync(join(bench.target, 'large'), Buffer.alloc(8 << 20, round), { flush: true });
      unmount(bench.target);
      expect(blocks()).toBeGreaterThan(before + 10_000);
      image.restore();
    }
    // In units of 512 bytes: a range that is zero in part only stays allocated.
    expect(blocks()).toBeLessThan(before + 2000);
  });

  it('leaves neither file nor device behind, also when it cannot be opened', () => {
    const sources = recordedExt4(bench);
    const before = readdirSync(bench.folder).sort();
    const attached = (): string[] => readdirSync('/sys/block').filter((name) => backedIn(name, bench.folder));
    const fails = (): never => {
      throw new Error('no tracer at all');
    };
    expect(() => imageOf(bench, sources, fails)).toThrow('no tracer at all');
    expect(attached()).toEqual([]);
    const image = new RestorableImage(sources, { folder: bench.folder, blockBytes: 512, tracerFor: bestTracer });
    expect(attached()).toHaveLength(1);
    image.close();
    expect(attached()).toEqual([]);
    expect(readdirSync(bench.folder).sort()).toEqual(before);
  });
});

function backedIn(block: string, where: string): boolean {
  try {
    return readFileSync(`/sys/block/${block}/loop/backing_file`, 'utf8').startsWith(where);
  } catch {
    return false;
  }
}
