/**
 * One scratch image behind one loop device, for any number of crash states: rolled forward in place, and put back after
 * each state by rewriting what mount, recovery and check wrote. Which content belongs where, the ContentMap knows; which
 * ranges to look at, the tracer does, or else everything is compared.
 */
import { closeSync, ftruncateSync, openSync, readSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { attachLoop, type LoopDevice } from '../host/loop-device.ts';
import { writeAll, zeroRange } from '../host/sparse.ts';
import { dataExtents, flushBlockDevice, type Extent } from '../host/sys/file.ts';
import { ContentMap, type ReplaySources } from '../replay/content-map.ts';
import type { Overlay, Patch } from '../replay/overlay.ts';
import type { DiskPatch } from '../journal/journal-forwarder.ts';
import { mergeExtents } from '../tracer/range-collector.ts';
import type { BlockTracer, Trace } from '../tracer/tracer.ts';

const CHUNK_BYTES = 256 * 1024;
const ZEROS = Buffer.alloc(CHUNK_BYTES);
const NO_OVERLAY: Overlay = { before: undefined, patches: [] };

export interface ImageOptions {
  /** Where the scratch image is made; in memory (tmpfs), or every state costs device I/O. */
  readonly folder: string;
  /** Logical block size of the loop device, 512 or 4096. */
  readonly blockBytes: number;
  /** Called once, with a device at rest; see `chooseTracer`. The image closes the tracer. */
  readonly tracerFor: (device: LoopDevice) => BlockTracer;
}

interface ScratchFile {
  readonly path: string;
  readonly fd: number;
}

interface Scratch extends ScratchFile {
  readonly device: LoopDevice;
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
  #scratch: Scratch;
  #images = 0;
  #exposed = false;

  /** Starts as the base image. */
  constructor(sources: ReplaySources, options: ImageOptions) {
    this.#sources = sources;
    this.#options = options;
    this.sizeBytes = statSync(sources.base).size;
    this.#map = new ContentMap(sources);
    try {
      this.#scratch = this.#attach();
      this.#tracer = this.#startTracer();
    } catch (error) {
      this.#map.close();
      throw error;
    }
  }

  /** To be mounted and checked. The same one until `abandon`. */
  get device(): LoopDevice {
    return this.#scratch.device;
  }

  /** The file behind the device. */
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
    for (const extent of changed) this.#rewrite(this.#scratch, extent);
    this.#overlaid = [...overlay.patches];
    for (const patch of overlay.patches) this.#apply(patch, overlay.before);
    // The kernel may have cached of the device what has just changed beneath it.
    this.#emptyCache();
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
      writeAll(this.#scratch.fd, content, offsetBytes);
      this.#overlaid.push({ offsetBytes, lengthBytes: content.length });
    }
    this.#emptyCache();
  }

  /**
   * Takes back whatever was written through the device since `rollTo`. Nothing may be using it any more.
   * @returns what it was, and what was read
   */
  restore(): Trace {
    // Brings out what was written to the device node itself, so that it is in the trace.
    this.#emptyCache();
    const trace = this.#tracer.collect();
    if (!trace.written) this.#rewriteDifferences(this.#scratch);
    else for (const extent of this.#changed(trace.written.extents)) this.#rewrite(this.#scratch, extent);
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
    this.#scratch = this.#attach();
    this.#overlaid = [];
    this.#exposed = false;
    release(old);
    this.#tracer.start(this.device);
  }

  close(): void {
    this.#tracer.close();
    release(this.#scratch);
    this.#map.close();
    this.#earlier?.close();
  }

  #attach(): Scratch {
    const { folder, blockBytes } = this.#options;
    const path = join(folder, `scratch-${++this.#images}.img`);
    const file = { path, fd: openSync(path, 'wx+', 0o600) };
    try {
      ftruncateSync(file.fd, this.sizeBytes);
      this.#rewriteDifferences(file);
      return { ...file, device: attachLoop(path, folder, blockBytes) };
    } catch (error) {
      closeSync(file.fd);
      unlinkSync(path);
      throw error;
    }
  }

  #startTracer(): BlockTracer {
    try {
      const tracer = this.#options.tracerFor(this.device);
      tracer.start(this.device);
      return tracer;
    } catch (error) {
      release(this.#scratch);
      throw error;
    }
  }

  #emptyCache(): void {
    flushBlockDevice(this.device.fd, this.device.path);
  }

  #rewrite(file: ScratchFile, extent: Extent, read = this.#map.read.bind(this.#map)): void {
    for (const chunk of this.#chunks(extent)) {
      const content = this.#expected.subarray(0, chunk.lengthBytes);
      read(content, chunk.offsetBytes);
      put(file, content, chunk.offsetBytes);
    }
  }

  #apply(patch: Patch, before: number | undefined): void {
    const { source, offsetBytes } = patch;
    if (source === 'zeros') this.#rewrite(this.#scratch, patch, (content) => void content.fill(0));
    else if (source === 'before') {
      const earlier = this.#mapBefore(before!);
      this.#rewrite(this.#scratch, patch, (content, at) => earlier.read(content, at));
    } else if ('flipBit' in source) this.#flip(offsetBytes, source.flipBit);
    else {
      const shift = source.logOffsetBytes - offsetBytes;
      this.#rewrite(this.#scratch, patch, (content, at) => this.#map.readLog(content, at + shift));
    }
  }

  #flip(offsetBytes: number, bit: number): void {
    const byte = Buffer.alloc(1);
    if (readSync(this.#scratch.fd, byte, 0, 1, offsetBytes) === 0)
      throw new Error(`the device has no byte ${offsetBytes}`);
    byte[0]! ^= 1 << bit;
    put(this.#scratch, byte, offsetBytes);
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

  /** Looks wherever either side holds data; everywhere else both are zeros. */
  #rewriteDifferences(file: ScratchFile): void {
    const everywhere = [...dataExtents(file.fd, file.path), ...this.#map.extents()];
    for (const extent of mergeExtents(everywhere)) {
      for (const { offsetBytes, lengthBytes } of this.#chunks(extent)) {
        const expected = this.#expected.subarray(0, lengthBytes);
        const found = this.#found.subarray(0, lengthBytes);
        this.#map.read(expected, offsetBytes);
        const count = readSync(file.fd, found, 0, lengthBytes, offsetBytes);
        if (count < lengthBytes || !found.equals(expected)) put(file, expected, offsetBytes);
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

/** Zeros become a hole, so that the image does not grow with what passing states have put where nothing was. */
function put({ fd, path }: ScratchFile, content: Buffer, offsetBytes: number): void {
  if (content.equals(ZEROS.subarray(0, content.length))) zeroRange(fd, path, offsetBytes, content.length);
  else writeAll(fd, content, offsetBytes);
}

function release({ device, fd, path }: Scratch): void {
  device.release();
  closeSync(fd);
  unlinkSync(path);
}
