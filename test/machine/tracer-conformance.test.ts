/** One contract for every tracer: whatever a state changed, the scratch image is put back to the byte. */
import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Filesystem } from '../../src/filesystems/filesystem.ts';
import { FILESYSTEMS } from '../../src/filesystems/registry.ts';
import { sparseSha256 } from '../../src/host/sparse.ts';
import { openBpfTracer } from '../../src/tracer/bpf-tracer.ts';
import { CheckedTracer } from '../../src/tracer/checked-tracer.ts';
import { openComparingTracer } from '../../src/tracer/comparing-tracer.ts';
import { openTracefsTracer } from '../../src/tracer/tracefs-tracer.ts';
import type { BlockTracer } from '../../src/tracer/tracer.ts';
import { obstacleTo, obstacleToRecording, obstacleToTracer } from './needs.ts';
import {
  disturb,
  imageOf,
  pristineOf,
  recordedExt4,
  skipped,
  statesOf,
  useBench,
  useRecordings,
} from './support/crash-images.ts';
import { longTest } from './support/requirement.ts';

const TRACERS: Record<string, () => BlockTracer> = {
  bpf: () => new CheckedTracer(openBpfTracer()),
  tracefs: () => new CheckedTracer(openTracefsTracer()),
  compare: openComparingTracer,
};

const bench = useBench();
const recorded = useRecordings();

/** Those that need nothing before they are mounted. */
const MOUNTABLE = (Object.entries(FILESYSTEMS) as [string, Filesystem][]).filter(
  ([, { kernelType, repair }]) => kernelType !== undefined && repair === undefined,
);

describe.each(Object.entries(TRACERS))('with the %s tracer', (kind, open) => {
  for (const [name, filesystem] of MOUNTABLE) {
    const reason = obstacleTo(name) ?? obstacleToTracer(open) ?? obstacleToRecording();
    it.skipIf(reason !== undefined)(
      `every ${name} state is put back to the byte${skipped(reason)}`,
      async (context) => {
        if (kind === 'tracefs' && name !== 'ext4') longTest(context);
        const sources = name === 'ext4' ? recordedExt4(bench) : await recorded(name);
        const image = imageOf(bench, sources, open);
        const pristine = pristineOf(bench, sources);
        const states = statesOf(sources);
        expect(states.length).toBeGreaterThan(30);
        let dirty = 0;
        const doubted: object[] = [];
        for (const [round, entry] of states.entries()) {
          pristine.rollTo(entry);
          image.rollTo(entry);
          const expected = sparseSha256(pristine.path);
          expect(sparseSha256(image.path), `state ${entry} before it is mounted`).toBe(expected);
          disturb(bench, image, filesystem, round);
          if (sparseSha256(image.path) !== expected) dirty++;
          const trace = image.restore();
          if (!trace.written || !trace.read) doubted.push({ entry, written: !!trace.written, read: !!trace.read });
          expect(sparseSha256(image.path), `state ${entry} put back`).toBe(expected);
        }
        // Else nothing was proven.
        expect(dirty).toBe(states.length);
        if (kind === 'compare') expect(doubted).toHaveLength(states.length);
        else expect(doubted).toEqual([]);
      },
    );
  }

  const reason = kind === 'compare' ? 'it traces nothing' : (obstacleTo('ext4') ?? obstacleToTracer(open));
  // Whoever looks at every block device of the machine (blkid, udev) has reads on their way when a state ends.
  it.skipIf(reason !== undefined)(`doubts no state because somebody reads the device${skipped(reason)}`, () => {
    const sources = recordedExt4(bench);
    const image = imageOf(bench, sources, open);
    const reading = `while :; do dd if=${image.device.path} of=/dev/null bs=1M status=none; done`;
    const reader = spawn('sh', ['-c', reading], { detached: true, stdio: 'ignore' });
    bench.scope.add('reader', () => void process.kill(-reader.pid!));
    const states = statesOf(sources);
    let told = 0;
    let foreign = 0;
    for (const [round, entry] of states.entries()) {
      image.rollTo(entry);
      disturb(bench, image, FILESYSTEMS.ext4, round);
      const { written, read } = image.restore();
      if (written && read) told++;
      foreign += read?.requestedBytes ?? 0;
    }
    expect(told).toBe(states.length);
    // Else nobody read: the states by themselves read a tenth of it.
    expect(foreign).toBeGreaterThan(64 << 20);
  });
});
