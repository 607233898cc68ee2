import type { Verdict } from '../checks/verdict.ts';

const VERDICTS_KEPT = 1000;

/** Verdicts by recovered tree and acknowledgements. States that agree are neighbours, so the last few are enough. */
export class VerdictMemory {
  readonly #verdicts = new Map<string, Verdict>();

  /** undefined when it was not seen, or is too long ago. */
  recall(key: string): Verdict | undefined {
    return this.#verdicts.get(key);
  }

  /** What could not be judged is not kept: it is tried again. */
  keep(key: string, verdict: Verdict): void {
    if (verdict.kind === 'unknown') return;
    this.#verdicts.set(key, verdict);
    if (this.#verdicts.size <= VERDICTS_KEPT) return;
    const [oldest] = this.#verdicts.keys();
    this.#verdicts.delete(oldest!);
  }
}
