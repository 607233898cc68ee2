import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from './fault.ts';

const SUFFIX = '.value';
const TEMPORARY = '.tmp';
const BUFFERED_MAX = 8;

/** One file for each key. A value is durable when `put` returns: the file's content first, then its name. */
export class FileStore {
  readonly #directory: string;
  readonly #fault: Fault | undefined;
  readonly #buffered = new Map<string, string>();

  constructor(directory: string, fault?: Fault) {
    this.#directory = directory;
    this.#fault = fault;
    // What never got its name was never acknowledged.
    for (const name of readdirSync(directory)) if (name.endsWith(TEMPORARY)) rmSync(join(directory, name));
  }

  put(key: string, value: string): void {
    if (this.#fault !== 'buffer') return this.#write(key, value);
    // FAULT buffer: "many small writes are slow".
    this.#buffered.set(key, value);
    if (this.#buffered.size < BUFFERED_MAX) return;
    for (const [each, held] of this.#buffered) this.#write(each, held);
    this.#buffered.clear();
  }

  get(key: string): string | undefined {
    try {
      return this.#buffered.get(key) ?? readFileSync(this.#path(key), 'utf8');
    } catch {
      return undefined;
    }
  }

  keys(): string[] {
    const names = readdirSync(this.#directory).filter((name) => name.endsWith(SUFFIX));
    return names.map((name) => decodeURIComponent(name.slice(0, -SUFFIX.length)));
  }

  #write(key: string, value: string): void {
    const path = this.#path(key);
    const file = openSync(path + TEMPORARY, 'w');
    writeSync(file, value);
    this.#sync(file);
    renameSync(path + TEMPORARY, path);
    this.#sync(openSync(this.#directory, 'r'));
  }

  #sync(fd: number): void {
    // FAULT no-fsync: "the kernel has it".
    if (this.#fault !== 'no-fsync') fsyncSync(fd);
    closeSync(fd);
  }

  #path(key: string): string {
    return join(this.#directory, encodeURIComponent(key) + SUFFIX);
  }
}
