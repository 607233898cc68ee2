import { judgeAll } from '../invariants/registry.ts';
import type { Evidence, Recovered } from '../invariants/invariant.ts';
import type { DurabilityContract } from '../../stores/durability.ts';
import type { History } from '../../stores/history.ts';
import type { Assumption, Verdict } from '../verdict.ts';
import { readHistory } from './history-reading.ts';
import { lossesOf, type Loss } from './loss.ts';
import { Moment, type Passed } from './moment.ts';
import { STATE_STEPS, StepPurse } from './step-purse.ts';
import { timelinesOf, type Timelines } from './timeline.ts';

export interface Ruling {
  readonly verdict: Verdict;
  readonly losses: readonly Loss[];
}

/** Judges crash states by a history: what was invoked and acknowledged against what came back. */
export class Oracle {
  readonly #history: History | undefined;
  readonly #timelines: Timelines;
  readonly #contract: DurabilityContract;

  /** @param history undefined when the workload printed none: then only opening and repeating are judged */
  constructor(history: History | undefined, contract: DurabilityContract) {
    this.#history = history;
    this.#timelines = history ? timelinesOf(history) : new Map();
    this.#contract = contract;
  }

  /**
   * @param passed how far the history had come in the log at the crash
   * @param recoveredAgain the same after another recovery, if one was made
   * @param assumption of the device, which may excuse some violations
   */
  judge(recovered: Recovered, passed: Passed, recoveredAgain?: Recovered, assumption: Assumption = 'cache'): Ruling {
    const reading = this.#read(recovered, passed);
    const evidence: Evidence = { recovered, ...(recoveredAgain && { recoveredAgain }), ...(reading && { reading }) };
    return { verdict: judgeAll(evidence, assumption), losses: reading ? lossesOf(reading) : [] };
  }

  #read(recovered: Recovered, passed: Passed) {
    if (recovered.kind !== 'opened' || this.#history === undefined) return undefined;
    const moment = new Moment(this.#history, passed, this.#contract);
    return readHistory(this.#history, this.#timelines, recovered.entries, moment, new StepPurse(STATE_STEPS));
  }
}
