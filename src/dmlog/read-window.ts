import { KIB, MIB } from '../units.ts';

/**
 * The rule: small reads are served from one window. It grows up to 1 MiB while reads move on through the log (headers
 * 4 KiB apart: one system call for 200 of them) and starts small after a jump (headers 1 MiB apart: the data between
 * is not read). Reads of 64 KiB and more, which is payload, go straight to the caller's buffer.
 *
 * Not covered: changes to the file. What was read once is not read again.
 */
const FIRST_BYTES = 16 * KIB;
const LARGEST_BYTES = MIB;
const DIRECT_BYTES = 64 * KIB;

type ReadExactly = (buffer: Uint8Array, offsetBytes: number) => void;

export class ReadWindow {
  readonly #sizeBytes: number;
  readonly #readExactly: ReadExactly;
  #content: Uint8Array = new Uint8Array(0);
  #startBytes = 0;
  #endBytes = 0;
  #reachBytes = FIRST_BYTES;

  /** @param sizeBytes of the file; the window never reaches behind it. */
  constructor(sizeBytes: number, readExactly: ReadExactly) {
    this.#sizeBytes = sizeBytes;
    this.#readExactly = readExactly;
  }

  /** The range must lie inside the file. */
  read(buffer: Uint8Array, offsetBytes: number): void {
    if (buffer.length >= DIRECT_BYTES) {
      this.#readExactly(buffer, offsetBytes);
      return;
    }
    if (offsetBytes < this.#startBytes || offsetBytes + buffer.length > this.#endBytes) {
      this.#moveTo(offsetBytes, buffer.length);
    }
    const from = offsetBytes - this.#startBytes;
    buffer.set(this.#content.subarray(from, from + buffer.length));
  }

  #moveTo(offsetBytes: number, neededBytes: number): void {
    const isNear = offsetBytes >= this.#startBytes && offsetBytes <= this.#endBytes + DIRECT_BYTES;
    this.#reachBytes = isNear ? Math.min(2 * this.#reachBytes, LARGEST_BYTES) : FIRST_BYTES;
    const lengthBytes = Math.min(Math.max(this.#reachBytes, neededBytes), this.#sizeBytes - offsetBytes);
    if (this.#content.length < lengthBytes) this.#content = new Uint8Array(lengthBytes);
    // A failed read must not leave a window that claims bytes it does not have.
    this.#endBytes = this.#startBytes;
    this.#readExactly(this.#content.subarray(0, lengthBytes), offsetBytes);
    this.#startBytes = offsetBytes;
    this.#endBytes = offsetBytes + lengthBytes;
  }
}
