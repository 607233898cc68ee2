import { closeSync } from 'node:fs';
import { attachToTracepoint, createValueMap, loadTracepointProgram } from '../host/sys/bpf.ts';
import { mapShared, type SharedMemory } from '../host/sys/shared-memory.ts';
import { readBioQueueEvent, TRACED_SECTOR_BYTES, tracedDevice } from '../host/sys/trace-event.ts';
import { openTracefs } from '../host/sys/tracefs.ts';
import { RECORD_BYTES, RING_RECORDS, SHARED, tracingProgram } from './bpf-program.ts';
import { RangeCollector } from './range-collector.ts';
import type { BlockTracer, DeviceNumber, Trace, TracedRanges } from './tracer.ts';

/**
 * Traces with a BPF program. Nothing of it outlives the process: program, map and attachment hang on descriptors.
 * The map is read as memory and not with bpf(2), which keeps every BPF program of its processor from running while it
 * copies (bpf_disable_instrumentation() of kernel/bpf/syscall.c): one worker's look-up could blind another's tracer.
 *
 * @throws when the kernel will not have it: SystemCallError or UnavailableError
 */
export function openBpfTracer(): BlockTracer {
  const held: number[] = [];
  const hold = (fd: number): number => {
    held.push(fd);
    return fd;
  };
  const release = (): void =>
    held
      .splice(0)
      .reverse()
      .forEach((fd) => closeSync(fd));
  try {
    const event = readEvent();
    const map = hold(createValueMap(SHARED.bytes));
    const program = hold(loadTracepointProgram(tracingProgram(event, map)));
    const memory = mapShared(map, SHARED.bytes, 'BPF map');
    hold(attachToTracepoint(program, event.id));
    return new BpfTracer(memory, release);
  } catch (error) {
    release();
    throw error;
  }
}

function readEvent(): ReturnType<typeof readBioQueueEvent> {
  const tracefs = openTracefs();
  try {
    return readBioQueueEvent(tracefs.root);
  } finally {
    tracefs.close();
  }
}

class BpfTracer implements BlockTracer {
  readonly kind = 'bpf';
  readonly #memory: SharedMemory;
  readonly #release: () => void;
  readonly #reads: Ring;
  readonly #writes: Ring;
  #open = true;

  constructor(memory: SharedMemory, release: () => void) {
    this.#memory = memory;
    this.#release = release;
    this.#reads = new Ring(memory.bytes, SHARED.readRing);
    this.#writes = new Ring(memory.bytes, SHARED.writeRing);
  }

  start(device: DeviceNumber): void {
    this.#demandOpen();
    new Uint32Array(this.#memory.bytes, SHARED.device, 1)[0] = tracedDevice(device);
    this.collect();
  }

  collect(): Trace {
    this.#demandOpen();
    return { written: this.#writes.take(), read: this.#reads.take() };
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    // Detached first, so that the program never runs on memory that is gone.
    this.#release();
    this.#memory.release();
  }

  #demandOpen(): void {
    if (!this.#open) throw new Error('this tracer is closed, and its memory with it');
  }
}

/** One ring of the shared memory, from this side. It is never reset: what came between two steps would be lost. */
class Ring {
  readonly #count: BigUint64Array;
  readonly #records: Uint32Array;
  #taken = 0;

  constructor(bytes: ArrayBuffer, at: number) {
    this.#count = new BigUint64Array(bytes, at, 1);
    this.#records = new Uint32Array(bytes, at + SHARED.records, (RING_RECORDS * RECORD_BYTES) / 4);
  }

  /** What came since last time; undefined when the ring went round and the oldest are lost. */
  take(): TracedRanges | undefined {
    const first = this.#taken;
    this.#taken = Number(Atomics.load(this.#count, 0));
    if (this.#taken - first > RING_RECORDS) return undefined;
    const collector = new RangeCollector();
    for (let request = first; request < this.#taken; request++) this.#give(request % RING_RECORDS, collector);
    return collector.ranges();
  }

  #give(record: number, collector: RangeCollector): void {
    const at = (record * RECORD_BYTES) / 4;
    const sector = this.#records[at]! + this.#records[at + 1]! * 2 ** 32;
    collector.add(sector * TRACED_SECTOR_BYTES, this.#records[at + 2]! * TRACED_SECTOR_BYTES);
  }
}
