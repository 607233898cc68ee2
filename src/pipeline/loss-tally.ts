import type { Loss } from '../checks/oracle/loss.ts';
import type { LossWindow } from '../report/loss-window.ts';
import { formatPromise, type DurabilityContract } from '../stores/durability.ts';

/** Keeps the worst loss of each class over all crash states. */
export class LossTally {
  readonly #windows = new Map<string, LossWindow>();

  constructor(contract: DurabilityContract) {
    for (const [name, promise] of Object.entries(contract)) {
      this.#windows.set(name, { class: name, promise: formatPromise(promise), operations: 0 });
    }
  }

  add(state: string, losses: readonly Loss[]): void {
    for (const loss of losses) {
      const before = this.#windows.get(loss.class)!;
      const worse = loss.operations > before.operations ? { operations: loss.operations, state } : {};
      const ms = loss.ms === undefined ? {} : { ms: Math.max(before.ms ?? 0, Math.round(loss.ms * 10) / 10) };
      this.#windows.set(loss.class, { ...before, ...worse, ...ms });
    }
  }

  windows(): LossWindow[] {
    return [...this.#windows.values()];
  }
}
