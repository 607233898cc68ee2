import { sleepSync } from '../host/sleep-sync.ts';
import { addRanges } from './range-collector.ts';
import { SectorCounts, type DeviceCounts } from './sector-counts.ts';
import type { BlockTracer, DeviceNumber, Trace, TracedRanges, TracerKind } from './tracer.ts';

/** About a millisecond apart. A request that hangs longer costs a comparison, which is slower and never wrong. */
const LOOKS = 1000;
const PAUSE_MS = 1;

/**
 * Believes a tracer only where its requests add up to the bytes that the device's own statistics have counted meanwhile.
 *
 * It is needed: a tracepoint's BPF program is skipped, without a word to anyone, while another one, or bpf(2) itself, is
 * busy on the same processor (`bpf_prog_active` in trace_call_bpf() of kernel/trace/bpf_trace.c), which on a preemptible
 * kernel any other program that uses BPF can bring about; and a perf event that nests in another is dropped likewise.
 *
 * A request is traced when it is queued and counted when it is complete, and not all of them are ours: read-ahead that
 * nobody waited for, or somebody who looks at every block device, as blkid does. So where they do not add up, it looks
 * again until what is on its way has arrived. Otherwise two states would be doubted: one has what the next one lacks.
 */
export class CheckedTracer implements BlockTracer {
  readonly kind: TracerKind;
  readonly #tracer: BlockTracer;
  readonly #openCounts: (device: DeviceNumber) => Pick<SectorCounts, 'read' | 'close'>;
  #counts: Pick<SectorCounts, 'read' | 'close'> | undefined;
  #before: DeviceCounts = { read: 0, written: 0, inFlight: 0 };

  /** @param tracer closed together with this one */
  constructor(
    tracer: BlockTracer,
    openCounts = (device: DeviceNumber): Pick<SectorCounts, 'read' | 'close'> => new SectorCounts(device),
  ) {
    this.kind = tracer.kind;
    this.#tracer = tracer;
    this.#openCounts = openCounts;
  }

  start(device: DeviceNumber): void {
    this.#counts?.close();
    this.#counts = this.#openCounts(device);
    this.#tracer.start(device);
    for (let look = 1; look <= LOOKS; look++) {
      this.#before = this.#counts.read();
      this.#tracer.collect();
      if (isAtRest(this.#before, this.#counts.read())) return;
      sleepSync(PAUSE_MS);
    }
  }

  collect(): Trace {
    if (!this.#counts) throw new Error('collect() before start()');
    const before = this.#before;
    let trace = this.#tracer.collect();
    let now = this.#counts.read();
    for (let look = 1; look < LOOKS && !addsUp(trace, before, now); look++) {
      sleepSync(PAUSE_MS);
      const last = now;
      const more = this.#tracer.collect();
      now = this.#counts.read();
      trace = { written: addRanges(trace.written, more.written), read: addRanges(trace.read, more.read) };
      // Nothing is on its way any more: what is missing will not come.
      if (isAtRest(last, now) && isEmpty(more)) break;
    }
    this.#before = now;
    return {
      read: believe(trace.read, now.read - before.read),
      written: believe(trace.written, now.written - before.written),
    };
  }

  close(): void {
    this.#counts?.close();
    this.#counts = undefined;
    this.#tracer.close();
  }
}

const believe = (ranges: TracedRanges | undefined, completedBytes: number): TracedRanges | undefined =>
  ranges?.requestedBytes === completedBytes ? ranges : undefined;

/** A direction of which the tracer cannot tell needs no second look. */
function addsUp({ read, written }: Trace, before: DeviceCounts, now: DeviceCounts): boolean {
  const matches = (ranges: TracedRanges | undefined, completedBytes: number): boolean =>
    ranges === undefined || ranges.requestedBytes === completedBytes;
  return matches(read, now.read - before.read) && matches(written, now.written - before.written);
}

const isAtRest = (last: DeviceCounts, now: DeviceCounts): boolean =>
  now.inFlight === 0 && now.read === last.read && now.written === last.written;

const isEmpty = ({ read, written }: Trace): boolean =>
  (read?.requestedBytes ?? 0) === 0 && (written?.requestedBytes ?? 0) === 0;
