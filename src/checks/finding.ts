import type { Certificate } from '../certificate.ts';
import type { Assumption, Blamed, Verdict, ViolationClass } from './verdict.ts';

/** Violated verdicts of one invariant with one outcome, and the earliest state that shows it. */
export interface Finding {
  readonly class: ViolationClass;
  /** Whose promise broke. */
  readonly blamed: Blamed;
  /** The weakest thing one has to believe of the device for this state to occur. */
  readonly assumption: Assumption;
  /** The power went again while the store recovered; apart from the findings of a first cut. */
  readonly duringRecovery?: true;
  readonly invariant: string;
  /** The state with the smallest position in the plan: the one to look at. */
  readonly state: string;
  /** How many states share the outcome. */
  readonly states: number;
  /** Acknowledgements that count for `state`. */
  readonly acked: number;
  /** One line, about `state`. */
  readonly message: string;
  /** A line that tries `state` again, to be pasted into a shell. */
  readonly reproduce: string;
  /** The nearest earlier state in the plan on which all verdicts were ok; absent when there is none. */
  readonly lastGood?: string;
  /** Why `state` is one that the device can have shown; `powercut verify` proves it. */
  readonly certificate?: Certificate;
}

export interface JudgedState {
  /** Position in the plan, from 0. */
  readonly order: number;
  readonly state: string;
  /** Acknowledgements that count for it. */
  readonly acked: number;
  readonly verdict: Verdict;
  readonly assumption: Assumption;
  readonly duringRecovery?: true;
}

type ViolatedState = JudgedState & { readonly verdict: Extract<Verdict, { kind: 'violated' }> };

interface Group {
  representative: ViolatedState;
  states: number;
}

/**
 * Groups violated verdicts by class, invariant, assumption and whether it was during recovery, fed in any order: workers finish when they finish. A
 * state may be fed several verdicts (its store's, its file system's); it is good only if all of them are ok.
 *
 * Memory: one entry a group, and one a good state, which the plan bounds; a group of a million states stays one entry.
 */
export class FindingGroups {
  readonly #reproduce: (state: string) => string;
  readonly #groups = new Map<string, Group>();
  readonly #goodStates = new Map<number, string>();
  readonly #notGood = new Set<number>();

  /** @param reproduce makes the line that tries a state again */
  constructor(reproduce: (state: string) => string) {
    this.#reproduce = reproduce;
  }

  /** How many findings there are. */
  get size(): number {
    return this.#groups.size;
  }

  /** The last state of the plan, so far, on which all verdicts were ok. */
  get lastGood(): string | undefined {
    return this.#lastGoodBefore(Infinity);
  }

  /** @returns the finding if this verdict is the first of its group */
  add(judged: JudgedState): Finding | undefined {
    this.#noteGood(judged);
    if (!isViolated(judged)) return undefined;
    const key = keyOf(judged);
    const group = this.#groups.get(key);
    if (group) {
      group.states += 1;
      if (judged.order < group.representative.order) group.representative = judged;
      return undefined;
    }
    const started: Group = { representative: judged, states: 1 };
    this.#groups.set(key, started);
    return this.#toFinding(started);
  }

  /** All findings as they stand now, by the position of their earliest state. */
  findings(): Finding[] {
    return [...this.#groups.entries()]
      .sort(([leftKey, left], [rightKey, right]) => {
        const byOrder = left.representative.order - right.representative.order;
        return byOrder === 0 ? (leftKey < rightKey ? -1 : 1) : byOrder;
      })
      .map(([, group]) => this.#toFinding(group));
  }

  #noteGood({ order, state, verdict }: JudgedState): void {
    if (verdict.kind !== 'ok') {
      this.#notGood.add(order);
      this.#goodStates.delete(order);
    } else if (!this.#notGood.has(order)) {
      this.#goodStates.set(order, state);
    }
  }

  #toFinding({ representative, states }: Group): Finding {
    const { state, acked, assumption, duringRecovery, verdict } = representative;
    const lastGood = this.#lastGoodBefore(representative.order);
    return {
      class: verdict.class,
      blamed: verdict.blamed,
      assumption,
      ...(duringRecovery && { duringRecovery }),
      invariant: verdict.invariant,
      state,
      states,
      acked,
      message: verdict.message,
      reproduce: this.#reproduce(state),
      ...(lastGood !== undefined && { lastGood }),
    };
  }

  #lastGoodBefore(order: number): string | undefined {
    let nearest = -1;
    for (const good of this.#goodStates.keys()) {
      if (good < order && good > nearest) nearest = good;
    }
    return this.#goodStates.get(nearest);
  }
}

function isViolated(judged: JudgedState): judged is ViolatedState {
  return judged.verdict.kind === 'violated';
}

function keyOf({ verdict, assumption, duringRecovery }: ViolatedState): string {
  const kind = { class: verdict.class, invariant: verdict.invariant, assumption };
  return findingKey({ ...kind, ...(duringRecovery && { duringRecovery }) });
}

/** Findings with the same key are one. JSON, so that no invariant's name can run into the next part. */
export function findingKey(finding: Pick<Finding, 'class' | 'invariant' | 'assumption' | 'duringRecovery'>): string {
  return JSON.stringify([finding.class, finding.invariant, finding.assumption, finding.duringRecovery ?? false]);
}
