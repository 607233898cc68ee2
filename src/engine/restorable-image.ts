/**
 * One scratch disk for any number of crash states: rolled forward in place, and put back after each state by rewriting
 * what mount, recovery and check wrote. Which content belongs where, the ContentMap knows; which ranges to look at, the
 * tracer does, or else everything is compared.
 */
import { statSync } from 'node:fs';
import type { BlockDevice } from '../host/block-device.ts';
import { flushBlockDevice } from '../host/sys/block-cache.ts';
import type { Extent } from '../host/sys/file.ts';
import { ContentMap, type ReplaySources } from '../replay/content-map.ts';
import type { Overlay, Patch } from '../replay/overlay.ts';
import type { DiskPatch } from '../journal/journal-forwarder.ts';
import { mergeExtents } from '../tracer/range-collector.ts';
import type { BlockTracer, Trace } from '../tracer/tracer.ts';
import { openScratchDisk, type DiskKind, type ScratchDisk } from './scratch-disk.ts';

const CHUNK_BYTES = 256 * 1024;
const NO_OVERLAY: Overlay = { before: undefined, patches: [] };

export interface ImageOptions {
  /** For files; in memory (tmpfs), or every state costs device I/O. */
  readonly folder: string;
  /** Logical block size of the device, 512 or 4096. */
  readonly blockBytes: number;
  /** A loop device, if nothing is said. */
  readonly disk?: DiskKind;
  /** Called once, with a device at rest; see `chooseTracer`. The image closes the tracer. */
  readonly tracerFor: (device: BlockDevice) => BlockTracer;
}

export class RestorableImage {
  readonly #sources: ReplaySources;
  readonly #map: ContentMap;
  /** The disk before a write that a state takes back. */
  #earlier: ContentMap | undefined;
  #overlaid: Extent[] = [];
  readonly #options: ImageOptions;
  /** Size of the device. */
  readonly sizeBytes: number;
  readonly #tracer: BlockTracer;
  readonly #expected = Buffer.alloc(CHUNK_BYTES);
  readonly #found = Buffer.alloc(CHUNK_BYTES);
  #scratch: ScratchDisk;
  #exposed = false;

  /** Starts as the base image. */
  constructor(sources: ReplaySources, options: ImageOptions) {
    this.#sources = sources;
    this.#options = options;
    this.sizeBytes = statSync(sources.base).size;
    this.#map = new ContentMap(sources);
    try {
      this.#scratch = this.#open();
      this.#tracer = this.#startTracer();
    } catch (error) {
      this.#map.close();
      throw error;
    }
  }

  /** To be mounted and checked. The same one until `abandon`. */
  get device(): BlockDevice {
    return this.#scratch.device;
  }

  /** Where all that the device holds can be read: the file behind it, or itself. */
  get path(): string {
    return this.#scratch.path;
  }

  /**
   * Makes the device hold the disk after this entry (undefined: the base image) with the overlay upon it, ready to be
   * mounted. What an earlier state left is taken back first, if that was not done yet.
   * @returns where the disk after this entry may differ from the one before, the overlay aside
   * @throws when the entry lies behind the last one
   */
  rollTo(entry: number | undefined, overlay: Overlay = NO_OVERLAY): readonly Extent[] {
    if (this.#exposed) this.restore();
    const changed = mergeExtents(this.#map.rollTo(entry));
    for (const extent of changed) this.#rewrite(extent);
    this.#overlaid = [...overlay.patches];
    for (const patch of overlay.patches) this.#apply(patch, overlay.before);
    this.#settle();
    this.#exposed = true;
    return changed;
  }

  /** Fills `target` with what the disk holds before it is mounted, the overlay aside. */
  read(target: Buffer, offsetBytes: number): void {
    this.#map.read(target, offsetBytes);
  }

  /** Changes the disk behind the device's back, after `rollTo` and before it is mounted. `restore` takes it back. */
  put(patches: readonly DiskPatch[]): void {
    for (const { offsetBytes, content } of patches) {
      this.#scratch.write(content, offsetBytes);
      this.#overlaid.push({ offsetBytes, lengthBytes: content.length });
    }
    this.#settle();
  }

  /**
   * Takes back whatever was written through the device since `rollTo`. Nothing may be using it any more.
   * @returns what it was, and what was read
   */
  restore(): Trace {
    // Brings out what was written to the device node itself, so that it is in the trace.
    this.#emptyCache();
    const trace = this.#tracer.collect();
    if (!trace.written) this.#rewriteDifferences(this.#scratch, this.#scratch.extents());
    else for (const extent of this.#changed(trace.written.extents)) this.#rewrite(extent);
    this.#overlaid = [];
    this.#exposed = false;
    return trace;
  }

  /**
   * Goes on with a new image and device, for when something still uses the old one and may yet write to it. The old one
   * disappears with its last user.
   */
  abandon(): void {
    const old = this.#scratch;
    this.#scratch = this.#open();
    this.#overlaid = [];
    this.#exposed = false;
    this.#tracer.start(this.device);
    old.release();
  }

  close(): void {
    this.#tracer.close();
    this.#scratch.release();
    this.#map.close();
    this.#earlier?.close();
  }

  #open(): ScratchDisk {
    const { folder, blockBytes, disk = 'loop' } = this.#options;
    const scratch = openScratchDisk(disk, { folder, blockBytes, sizeBytes: this.sizeBytes });
    try {
      this.#rewriteDifferences(scratch, []);
      scratch.sync();
      flushBlockDevice(scratch.device.fd, scratch.device.path);
      return scratch;
    } catch (error) {
      scratch.release();
      throw error;
    }
  }

  #startTracer(): BlockTracer {
    try {
      const tracer = this.#options.tracerFor(this.device);
      tracer.start(this.device);
      return tracer;
    } catch (error) {
      this.#scratch.release();
      throw error;
    }
  }

  /** The device now holds what was written to it by us, and to the kernel and the tracer that is no news. */
  #settle(): void {
    this.#scratch.sync();
    // The kernel may have cached of the device what has changed beneath it.
    this.#emptyCache();
    if (this.#scratch.isTraced) this.#tracer.collect();
  }

  #emptyCache(): void {
    flushBlockDevice(this.device.fd, this.device.path);
  }

  #rewrite(extent: Extent, read = this.#map.read.bind(this.#map)): void {
    for (const chunk of this.#chunks(extent)) {
      const content = this.#expected.subarray(0, chunk.lengthBytes);
      read(content, chunk.offsetBytes);
      this.#scratch.write(content, chunk.offsetBytes);
    }
  }

  #apply(patch: Patch, before: number | undefined): void {
    const { source, offsetBytes } = patch;
    if (source === 'zeros') this.#rewrite(patch, (content) => void content.fill(0));
    else if (source === 'before') {
      const earlier = this.#mapBefore(before!);
      this.#rewrite(patch, (content, at) => earlier.read(content, at));
    } else if ('flipBit' in source) this.#flip(offsetBytes, source.flipBit);
    else {
      const shift = source.logOffsetBytes - offsetBytes;
      this.#rewrite(patch, (content, at) => this.#map.readLog(content, at + shift));
    }
  }

  #flip(offsetBytes: number, bit: number): void {
    const byte = Buffer.alloc(1);
    if (this.#scratch.read(byte, offsetBytes) === 0) throw new Error(`the device has no byte ${offsetBytes}`);
    byte[0]! ^= 1 << bit;
    this.#scratch.write(byte, offsetBytes);
  }

  /** States come in log order, and what they take back mostly does too. */
  #mapBefore(entry: number): ContentMap {
    const last = entry === 0 ? undefined : entry - 1;
    if (this.#earlier && this.#earlier.position > entry) {
      this.#earlier.close();
      this.#earlier = undefined;
    }
    this.#earlier ??= new ContentMap(this.#sources);
    this.#earlier.rollTo(last);
    return this.#earlier;
  }

  #changed(written: readonly Extent[]): readonly Extent[] {
    return this.#overlaid.length === 0 ? written : mergeExtents([...written, ...this.#overlaid]);
  }

  /** @param held where the disk may hold data; outside of that it reads as zeros */
  #rewriteDifferences(scratch: ScratchDisk, held: Iterable<Extent>): void {
    const everywhere = [...held, ...this.#map.extents()];
    for (const extent of mergeExtents(everywhere)) {
      for (const { offsetBytes, lengthBytes } of this.#chunks(extent)) {
        const expected = this.#expected.subarray(0, lengthBytes);
        const found = this.#found.subarray(0, lengthBytes);
        this.#map.read(expected, offsetBytes);
        const count = scratch.read(found, offsetBytes);
        if (count < lengthBytes || !found.equals(expected)) scratch.write(expected, offsetBytes);
      }
    }
  }

  *#chunks({ offsetBytes, lengthBytes }: Extent): Generator<Extent> {
    const end = Math.min(offsetBytes + lengthBytes, this.sizeBytes);
    for (let at = offsetBytes; at < end; at += CHUNK_BYTES) {
      yield { offsetBytes: at, lengthBytes: Math.min(CHUNK_BYTES, end - at) };
    }
  }
}
