/**
 * Hands out the plan to the workers in short runs of neighbours: an engine rolls its image forward only, so each worker
 * must get ascending states, and one that gets slow ones must not hold up the end.
 */
export class WorkQueue<T> {
  readonly #items: readonly T[];
  readonly #workers: number;
  #next = 0;

  constructor(items: readonly T[], workers: number) {
    this.#items = items;
    this.#workers = workers;
  }

  /** The next run, empty when nothing is left. Runs get shorter towards the end. */
  take(): readonly T[] {
    const left = this.#items.length - this.#next;
    const length = Math.max(1, Math.min(LONGEST_RUN, Math.ceil(left / (this.#workers * SHARES))));
    const run = this.#items.slice(this.#next, this.#next + length);
    this.#next += run.length;
    return run;
  }
}

const LONGEST_RUN = 64;
const SHARES = 4;
