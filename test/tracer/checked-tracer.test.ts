import { expect, it } from 'vitest';
import { CheckedTracer } from '../../src/tracer/checked-tracer.ts';
import { parseStat, type DeviceCounts } from '../../src/tracer/sector-counts.ts';
import { CANNOT_TELL, type BlockTracer, type Trace } from '../../src/tracer/tracer.ts';

const LOOP1 = { major: 7, minor: 1 };

/** A tracer and a device whose answers the test sets. */
function rig(): {
  tracer: CheckedTracer;
  says: (trace: Trace) => void;
  counts: { read: number; written: number; inFlight: number };
  /** Happens at the statistics' next reading but one, which is the next look. */
  later: (event: () => void) => void;
  closed: string[];
} {
  const closed: string[] = [];
  const counts = { read: 10_000, written: 20_000, inFlight: 0 };
  const answers: Trace[] = [];
  const events: (() => void)[] = [];
  const inner: BlockTracer = {
    kind: 'bpf',
    start: () => undefined,
    collect: () => answers.shift() ?? NOTHING,
    close: () => closed.push('tracer'),
  };
  const read = (): DeviceCounts => {
    const seen = { ...counts };
    events.shift()?.();
    return seen;
  };
  const tracer = new CheckedTracer(inner, () => ({ read, close: () => closed.push('counts') }));
  return {
    tracer,
    says: (trace) => answers.push(trace),
    counts,
    later: (event) => events.push(event),
    closed,
  };
}

const NOTHING: Trace = { written: { extents: [], requestedBytes: 0 }, read: { extents: [], requestedBytes: 0 } };

const ranges = (...lengths: number[]): Trace['written'] => ({
  extents: [{ offsetBytes: 0, lengthBytes: Math.max(...lengths) }].filter(({ lengthBytes }) => lengthBytes > 0),
  requestedBytes: lengths.reduce((a, b) => a + b, 0),
});

it('believes what adds up to the bytes that the device counted, also where ranges overlap', () => {
  const { tracer, says, counts } = rig();
  tracer.start(LOOP1);
  counts.written += 4096 + 512;
  counts.read += 1024;
  const trace = { written: ranges(4096, 512), read: ranges(1024) };
  says(trace);
  expect(tracer.collect()).toEqual(trace);
});

it('cannot tell what was written when one write is missing, and still knows what was read', () => {
  const { tracer, says, counts } = rig();
  tracer.start(LOOP1);
  counts.written += 4096 + 512;
  counts.read += 1024;
  says({ written: ranges(4096), read: ranges(1024) });
  expect(tracer.collect()).toEqual({ written: undefined, read: ranges(1024) });
});

it('cannot tell what was read when one read is missing', () => {
  const { tracer, says, counts } = rig();
  tracer.start(LOOP1);
  counts.read += 2048;
  says({ written: ranges(0), read: ranges(1024) });
  expect(tracer.collect()).toEqual({ written: ranges(0), read: undefined });
});

it('starts anew with every collection: one gap does not spoil the next', () => {
  const { tracer, says, counts } = rig();
  tracer.start(LOOP1);
  counts.written += 4096;
  says({ written: ranges(0), read: ranges(0) });
  expect(tracer.collect().written).toBeUndefined();
  counts.written += 512;
  says({ written: ranges(512), read: ranges(0) });
  expect(tracer.collect().written).toEqual(ranges(512));
});

it('waits for a read that is on its way, and so doubts neither this collection nor the next', () => {
  const { tracer, says, counts, later } = rig();
  tracer.start(LOOP1);
  says({ written: ranges(0), read: ranges(8192) });
  counts.read += 4096;
  counts.inFlight = 1;
  later(() => Object.assign(counts, { read: counts.read + 4096, inFlight: 0 }));
  expect(tracer.collect().read?.requestedBytes).toBe(8192);
  says({ written: ranges(0), read: ranges(512) });
  counts.read += 512;
  expect(tracer.collect().read?.requestedBytes).toBe(512);
});

it('takes in what somebody requested while it was looking', () => {
  const { tracer, says, counts } = rig();
  tracer.start(LOOP1);
  // Queued after the tracer was asked, complete before the statistics were.
  says({ written: ranges(0), read: ranges(512) });
  says({ written: ranges(0), read: { extents: [{ offsetBytes: 4096, lengthBytes: 512 }], requestedBytes: 512 } });
  counts.read += 1024;
  expect(tracer.collect().read).toEqual({
    extents: [
      { offsetBytes: 0, lengthBytes: 512 },
      { offsetBytes: 4096, lengthBytes: 512 },
    ],
    requestedBytes: 1024,
  });
});

it('does not count against a collection what was on its way when it started', () => {
  const { tracer, counts, later } = rig();
  counts.inFlight = 1;
  later(() => Object.assign(counts, { read: counts.read + 4096, inFlight: 0 }));
  tracer.start(LOOP1);
  expect(tracer.collect().read?.requestedBytes).toBe(0);
});

it('does not wait for ever for a device that is never at rest', () => {
  const { tracer, says, counts } = rig();
  counts.inFlight = 1;
  tracer.start(LOOP1);
  says({ written: ranges(0), read: ranges(512) });
  expect(tracer.collect().read).toBeUndefined();
});

it('passes on that the tracer cannot tell', () => {
  const { tracer, says, counts } = rig();
  tracer.start(LOOP1);
  counts.read += 512;
  says(CANNOT_TELL);
  expect(tracer.collect()).toEqual(CANNOT_TELL);
});

it('closes what it opened, once for each device', () => {
  const { tracer, closed } = rig();
  tracer.start(LOOP1);
  tracer.start({ major: 7, minor: 2 });
  tracer.close();
  expect(closed).toEqual(['counts', 'counts', 'tracer']);
});

it('reads the statistics of Linux 6.18, discards among the written', () => {
  const stat =
    '      50        0     2080        1       12        1      304        2        0        4        4        1        0      128        0        9        0\n';
  expect(parseStat(stat)).toEqual({ read: 2080 * 512, written: (304 + 128) * 512, inFlight: 0 });
  expect(parseStat(stat.replace('        0        4        4', '        3        4        4')).inFlight).toBe(3);
});
