import { SectorCounts, type CompletedBytes } from './sector-counts.ts';
import type { BlockTracer, DeviceNumber, Trace, TracedRanges, TracerKind } from './tracer.ts';

/**
 * Believes a tracer only where its requests add up to the bytes that the device's own statistics have counted meanwhile.
 *
 * It is needed: a tracepoint's BPF program is skipped, without a word to anyone, while another one, or bpf(2) itself, is
 * busy on the same processor (`bpf_prog_active` in trace_call_bpf() of kernel/trace/bpf_trace.c), which on a preemptible
 * kernel any other program that uses BPF can bring about; and a perf event that nests in another is dropped likewise.
 */
export class CheckedTracer implements BlockTracer {
  readonly kind: TracerKind;
  readonly #tracer: BlockTracer;
  readonly #openCounts: (device: DeviceNumber) => Pick<SectorCounts, 'read' | 'close'>;
  #counts: Pick<SectorCounts, 'read' | 'close'> | undefined;
  #before: CompletedBytes = { read: 0, written: 0 };

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
    this.#before = this.#counts.read();
  }

  collect(): Trace {
    if (!this.#counts) throw new Error('collect() before start()');
    const { read, written } = this.#tracer.collect();
    const before = this.#before;
    const now = this.#counts.read();
    this.#before = now;
    return {
      read: believe(read, now.read - before.read),
      written: believe(written, now.written - before.written),
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
