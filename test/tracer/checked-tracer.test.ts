import { expect, it } from 'vitest';
import { CheckedTracer } from '../../src/tracer/checked-tracer.ts';
import { parseStat } from '../../src/tracer/sector-counts.ts';
import { CANNOT_TELL, type BlockTracer, type Trace } from '../../src/tracer/tracer.ts';

const LOOP1 = { major: 7, minor: 1 };

/** A tracer and a device whose answers the test sets. */
function rig(): {
  tracer: CheckedTracer;
  says: (trace: Trace) => void;
  counts: { read: number; written: number };
  closed: string[];
} {
  const closed: string[] = [];
  const counts = { read: 10_000, written: 20_000 };
  let answer: Trace = CANNOT_TELL;
  const inner: BlockTracer = {
    kind: 'bpf',
    start: () => undefined,
    collect: () => answer,
    close: () => closed.push('tracer'),
  };
  const tracer = new CheckedTracer(inner, () => ({ read: () => ({ ...counts }), close: () => closed.push('counts') }));
  return { tracer, says: (trace) => (answer = trace), counts, closed };
}

const ranges = (...lengths: number[]): Trace['written'] => ({
  extents: [{ offsetBytes: 0, lengthBytes: Math.max(...lengths) }],
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

it('passes on that the tracer cannot tell', () => {
  const { tracer } = rig();
  tracer.start(LOOP1);
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
  expect(parseStat(stat)).toEqual({ read: 2080 * 512, written: (304 + 128) * 512 });
});
