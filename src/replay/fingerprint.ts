/**
 * Tells whether two disk contents are the same without keeping them: the XOR over all blocks that ever changed of a hash
 * of (block number, content now) and a hash of (block number, content in the base image). A block that returns to its
 * base content takes itself out again. 128 bits of sha256 each: two contents that differ agree with probability 2^-128.
 */
import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';

const BLOCK_BYTES = 4096;
const WORDS = 4;

export class Fingerprint {
  readonly #imageFd: number;
  readonly #baseFd: number;
  readonly #current = new Map<number, Uint32Array>();
  readonly #dirty = new Set<number>();
  readonly #sum = new Uint32Array(WORDS);
  readonly #content = Buffer.alloc(8 + BLOCK_BYTES);

  /** Both stay open as long as the fingerprint is used. */
  constructor(imageFd: number, baseFd: number) {
    this.#imageFd = imageFd;
    this.#baseFd = baseFd;
  }

  /** A range of the image changed. Hashing waits until the value is asked for: most blocks change often in between. */
  touch(offsetBytes: number, lengthBytes: number): void {
    const last = Math.floor((offsetBytes + lengthBytes - 1) / BLOCK_BYTES);
    for (let block = Math.floor(offsetBytes / BLOCK_BYTES); block <= last; block++) this.#dirty.add(block);
  }

  /** Equal text, equal content. */
  value(): string {
    for (const block of this.#dirty) this.#update(block);
    this.#dirty.clear();
    return Array.from(this.#sum, (word) => word.toString(16).padStart(8, '0')).join('');
  }

  #update(block: number): void {
    const before = this.#current.get(block) ?? this.#hash(this.#baseFd, block);
    const now = this.#hash(this.#imageFd, block);
    for (let i = 0; i < WORDS; i++) this.#sum[i]! ^= before[i]! ^ now[i]!;
    this.#current.set(block, now);
  }

  #hash(fd: number, block: number): Uint32Array {
    this.#content.fill(0);
    this.#content.writeDoubleLE(block, 0);
    readSync(fd, this.#content, 8, BLOCK_BYTES, block * BLOCK_BYTES);
    const digest = createHash('sha256').update(this.#content).digest();
    return Uint32Array.from({ length: WORDS }, (_, i) => digest.readUInt32LE(4 * i));
  }
}
