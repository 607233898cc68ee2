import { performance } from 'node:perf_hooks';

/** Laps of one state's way through its stages. */
export class Stopwatch {
  #last = performance.now();

  /** Milliseconds since the last lap. */
  lap(): number {
    const now = performance.now();
    const elapsed = now - this.#last;
    this.#last = now;
    return elapsed;
  }
}
