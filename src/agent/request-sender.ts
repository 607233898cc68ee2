import type { Writable } from 'node:stream';
import { cutRequest } from './protocol.ts';

/** Sends requests to an engine, of a long one a part only when the part before has arrived. */
export class RequestSender {
  readonly #stream: Writable;
  readonly #queue: { readonly line: string; readonly isPart: boolean }[] = [];
  #waits = false;

  constructor(stream: Writable) {
    this.#stream = stream;
  }

  /** @param line without its newline */
  send(line: string): void {
    const pieces = cutRequest(line);
    this.#queue.push(...pieces.map((piece) => ({ line: piece, isPart: pieces.length > 1 })));
    this.#write();
  }

  /** The engine has the part that was sent last. */
  taken(): void {
    this.#waits = false;
    this.#write();
  }

  #write(): void {
    while (!this.#waits) {
      const next = this.#queue.shift();
      if (!next) return;
      this.#waits = next.isPart;
      this.#stream.write(`${next.line}\n`);
    }
  }
}
