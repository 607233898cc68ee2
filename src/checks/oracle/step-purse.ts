/** How much searching one crash state is worth; what does not fit is unknown, never a guess. */
export class StepPurse {
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }

  get left(): number {
    return this.#left;
  }

  spend(steps: number): void {
    this.#left -= steps;
  }
}

/** A few seconds. */
export const STATE_STEPS = 4_000_000;
