import { closeSync, constants, openSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownerName } from '../host/owner.ts';
import { readAvailable } from '../host/sys/read-available.ts';
import {
  EVENT_FOLDER,
  READ_LETTER,
  readBioQueueEvent,
  TRACED_SECTOR_BYTES,
  tracedDevice,
  type BioQueueEvent,
} from '../host/sys/trace-event.ts';
import { createInstance, openTracefs, removeInstance, type Tracefs } from '../host/sys/tracefs.ts';
import { RangeCollector } from './range-collector.ts';
import { readRingBufferPage } from './ring-buffer-page.ts';
import { CANNOT_TELL, type BlockTracer, type DeviceNumber, type Trace } from './tracer.ts';

/** For each processor; room for some 8,000 requests. The kernel's own choice, 1.4 MB, is much on a machine of many. */
const BUFFER_KIB = 512;
/** The largest page of a ring buffer that a kernel has. */
const LARGEST_PAGE_BYTES = 64 * 1024;

let instances = 0;

/**
 * Traces with a tracefs instance of its own, for kernels that allow no BPF. The instance is the kernel's and outlives a
 * killed process: see `deadInstances`.
 *
 * @throws when the kernel will not have it: SystemCallError, UnavailableError, or an error of Node's fs
 */
export function openTracefsTracer(): BlockTracer {
  const tracefs = openTracefs();
  try {
    const event = readBioQueueEvent(tracefs.root);
    const name = `${ownerName()}-${++instances}`;
    const folder = createInstance(tracefs, name);
    try {
      writeFileSync(join(folder, 'buffer_size_kb'), `${BUFFER_KIB}`);
      return new TracefsTracer(tracefs, name, folder, event);
    } catch (error) {
      removeInstance(tracefs, name);
      throw error;
    }
  } catch (error) {
    tracefs.close();
    throw error;
  }
}

class TracefsTracer implements BlockTracer {
  readonly kind = 'tracefs';
  readonly #tracefs: Tracefs;
  readonly #name: string;
  readonly #event: string;
  readonly #fields: BioQueueEvent;
  readonly #pipes: number[] = [];
  readonly #page = Buffer.alloc(LARGEST_PAGE_BYTES);

  constructor(tracefs: Tracefs, name: string, folder: string, fields: BioQueueEvent) {
    this.#tracefs = tracefs;
    this.#name = name;
    this.#event = join(folder, EVENT_FOLDER);
    this.#fields = fields;
    try {
      // One for every processor that may ever be, so that none that comes later is missed.
      for (const cpu of readdirSync(join(folder, 'per_cpu'))) {
        const path = join(folder, 'per_cpu', cpu, 'trace_pipe_raw');
        this.#pipes.push(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
      }
    } catch (error) {
      this.#closePipes();
      throw error;
    }
  }

  start(device: DeviceNumber): void {
    writeFileSync(join(this.#event, 'enable'), '0');
    writeFileSync(join(this.#event, 'filter'), `dev == ${tracedDevice(device)} && nr_sector != 0`);
    writeFileSync(join(this.#event, 'enable'), '1');
    this.collect();
  }

  collect(): Trace {
    const written = new RangeCollector();
    const read = new RangeCollector();
    let complete = true;
    for (const pipe of this.#pipes) complete = this.#drain(pipe, written, read) && complete;
    return complete ? { written: written.ranges(), read: read.ranges() } : CANNOT_TELL;
  }

  close(): void {
    if (this.#pipes.length === 0) return;
    this.#closePipes();
    removeInstance(this.#tracefs, this.#name);
    this.#tracefs.close();
  }

  #drain(pipe: number, written: RangeCollector, read: RangeCollector): boolean {
    let complete = true;
    for (;;) {
      const count = readAvailable(pipe, this.#page, 'trace_pipe_raw');
      if (count === 0) return complete;
      const page = this.#page.subarray(0, count);
      const whole = readRingBufferPage(page, (startAt) => this.#take(page, startAt, written, read));
      complete = complete && whole;
    }
  }

  #take(page: Buffer, at: number, written: RangeCollector, read: RangeCollector): void {
    const { id, sectorAt, sectorCountAt, operationAt } = this.#fields;
    if (page.readUInt16LE(at) !== id) return;
    const sector = Number(page.readBigUInt64LE(at + sectorAt));
    const lengthBytes = page.readUInt32LE(at + sectorCountAt) * TRACED_SECTOR_BYTES;
    const collector = page.readUInt8(at + operationAt) === READ_LETTER ? read : written;
    collector.add(sector * TRACED_SECTOR_BYTES, lengthBytes);
  }

  #closePipes(): void {
    for (const pipe of this.#pipes.splice(0)) closeSync(pipe);
  }
}
