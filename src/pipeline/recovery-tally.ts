import type { PlannedRecovery } from '../engine/requests.ts';
import type { RecoveryCoverage } from '../report/report.ts';

/** Adds up what was planned and tried of power cuts during recovery. */
export class RecoveryTally {
  #owed = 0;
  #recorded = 0;
  #planned = 0;
  #distinct = 0;
  #skipped = 0;
  #tested = 0;

  /** A recovery is to be looked into; until it is recorded it counts as one state, since nobody knows how many there are. */
  owe(): void {
    this.#owed++;
  }

  /** @returns how many states there are besides */
  add({ states, planned, skipped, failure }: PlannedRecovery): number {
    this.#owed--;
    const distinct = failure === undefined ? states.length : 1;
    if (failure === undefined) this.#recorded++;
    this.#planned += failure === undefined ? planned : 1;
    this.#distinct += distinct;
    this.#skipped += skipped;
    return distinct;
  }

  noteTested(): void {
    this.#tested++;
  }

  get planned(): number {
    return this.#planned + this.#owed;
  }

  get distinct(): number {
    return this.#distinct + this.#owed;
  }

  get skipped(): number {
    return this.#skipped;
  }

  get deduplicated(): number {
    return this.#planned - this.#skipped - this.#distinct;
  }

  report(depth: number): RecoveryCoverage {
    const [recoveries, planned, distinct, tested] = [this.#recorded, this.planned, this.distinct, this.#tested];
    return { depth, recoveries, planned, distinct, tested };
  }
}
