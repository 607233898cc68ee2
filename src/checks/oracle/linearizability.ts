/**
 * Whether some order of the operations explains what is found: each takes effect at one instant between its invocation
 * and its end. Wing and Gong's search (Testing and Verifying Concurrent Objects, 1993) with Lowe's cache of the
 * configurations seen (Testing for Linearizability, 2017), and one thing more: a crash may have kept any operation that
 * need not survive from taking effect, but then nothing that began after its end took effect either. Where gaps are allowed
 * it may have, and only what must survive is never passed over.
 *
 * Not covered: histories so concurrent that the search does not end within its budget; then the answer is `unknown`.
 */
import { countBelow } from '../../ascending.ts';

export interface Model<State, Op> {
  readonly initial: State;
  /** @returns undefined when what is found cannot come from there any more */
  apply(state: State, op: Op): State | undefined;
  /** Whether this state is what is found. */
  accepts(state: State): boolean;
  /** Equal for equal states only. */
  keyOf(state: State): string | number;
}

export interface Interval {
  readonly start: number;
  /** Infinity for an operation that may take effect at any time. */
  readonly end: number;
}

export interface Problem<State, Op extends Interval> {
  readonly model: Model<State, NoInfer<Op>>;
  /** By their start. */
  readonly operations: readonly Op[];
  readonly isRequired: (op: Op) => boolean;
  /** An operation that was over and is not required may be left out although later ones are there. */
  readonly gapsAllowed?: boolean;
  /** How many operations may be looked at, over all configurations. */
  readonly stepBudget: number;
  /** Told at the end how many it were. */
  readonly onSteps?: (steps: number) => void;
}

export type Explanation<Op> =
  | { readonly kind: 'explained'; readonly order: readonly Op[] }
  | { readonly kind: 'impossible' }
  | { readonly kind: 'unknown' };

/** Which of the operations with an end are dealt with. */
interface Taken {
  /** All before this position have taken effect (or were passed over, with gaps). */
  readonly low: number;
  /** Those from there on that have taken effect, ascending. */
  readonly beyond: readonly number[];
}

interface Configuration<State> extends Taken {
  readonly state: State;
  /** Operations without an end that have taken effect, ascending. */
  readonly open: readonly number[];
  readonly requiredLeft: number;
  readonly latestStart: number;
  readonly last: number;
  readonly before: Configuration<State> | undefined;
}

export function explain<State, Op extends Interval>(problem: Problem<State, Op>): Explanation<Op> {
  const search = new Search(problem);
  const explanation = search.run();
  problem.onSteps?.(search.steps);
  return explanation;
}

class Search<State, Op extends Interval> {
  readonly #problem: Problem<State, Op>;
  /** Positions of operations with an end, and of those without. */
  readonly #closed: number[] = [];
  readonly #open: number[] = [];
  /** For each of those with an end: the latest end up to there. */
  readonly #latestEnds: number[] = [];
  readonly #seen = new Set<string>();
  #steps = 0;

  get steps(): number {
    return this.#steps;
  }

  constructor(problem: Problem<State, Op>) {
    this.#problem = problem;
    for (const [i, { end }] of problem.operations.entries()) {
      (end === Infinity ? this.#open : this.#closed).push(i);
      if (end !== Infinity) this.#latestEnds.push(Math.max(end, this.#latestEnds.at(-1) ?? -Infinity));
    }
  }

  run(): Explanation<Op> {
    const { model, operations, isRequired, stepBudget } = this.#problem;
    const requiredLeft = operations.reduce((count, op) => count + (isRequired(op) ? 1 : 0), 0);
    const none = { low: 0, beyond: [], open: [], latestStart: -Infinity, last: -1, before: undefined };
    const stack: Configuration<State>[] = [{ ...none, state: model.initial, requiredLeft }];
    for (let current = stack.pop(); current !== undefined; current = stack.pop()) {
      if (current.requiredLeft === 0 && model.accepts(current.state)) {
        return { kind: 'explained', order: this.#orderOf(current) };
      }
      const next = this.#successors(current);
      if (this.#steps > stepBudget) return { kind: 'unknown' };
      // The earliest goes on top: histories are nearly in order.
      for (let i = next.length - 1; i >= 0; i--) stack.push(next[i]!);
    }
    return { kind: 'impossible' };
  }

  #successors(current: Configuration<State>): Configuration<State>[] {
    const { operations, isRequired, gapsAllowed, stepBudget } = this.#problem;
    const next: Configuration<State>[] = [];
    const taken = new Set(current.beyond);
    let earliestEnd = Infinity;
    for (let at = current.low; at < this.#closed.length && this.#steps <= stepBudget; at++) {
      if (taken.has(at)) continue;
      this.#steps++;
      const index = this.#closed[at]!;
      const operation = operations[index]!;
      const { start, end } = operation;
      // Something later has taken effect already: it is too late for this one.
      if (end < current.latestStart) continue;
      if (start > earliestEnd) break;
      if (!gapsAllowed || isRequired(operation)) earliestEnd = Math.min(earliestEnd, end);
      this.#add(next, current, index, at);
    }
    this.#addOpen(next, current, earliestEnd);
    return next;
  }

  #addOpen(next: Configuration<State>[], current: Configuration<State>, earliestEnd: number): void {
    for (const index of this.#open) {
      this.#steps++;
      if (this.#problem.operations[index]!.start > earliestEnd) break;
      if (!current.open.includes(index)) this.#add(next, current, index, undefined);
    }
  }

  #add(next: Configuration<State>[], current: Configuration<State>, index: number, at: number | undefined): void {
    const { model, operations, isRequired } = this.#problem;
    const op = operations[index]!;
    const state = model.apply(current.state, op);
    if (state === undefined) return;
    const latestStart = Math.max(current.latestStart, op.start);
    const taken = at === undefined ? current : advance(current, at);
    const { low, beyond } = this.#problem.gapsAllowed ? this.#withoutLate(taken, latestStart) : taken;
    const configuration = {
      state,
      low,
      beyond,
      open: at === undefined ? insert(current.open, index) : current.open,
      requiredLeft: current.requiredLeft - (isRequired(op) ? 1 : 0),
      latestStart,
      last: index,
      before: current,
    };
    const key = `${low}|${beyond.join()}|${configuration.open.join()}|${model.keyOf(state)}|${latestStart}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    next.push(configuration);
  }

  /**
   * Whether an operation has taken effect or was passed over makes no difference any more once it is too late for it. So
   * there are about as many configurations as operations, and not as many as sets of them.
   */
  #withoutLate({ low, beyond }: Taken, latestStart: number): Taken {
    const isLate = (at: number): boolean => this.#problem.operations[this.#closed[at]!]!.end < latestStart;
    const still = beyond.filter((at) => !isLate(at));
    let next = Math.max(low, countBelow(this.#latestEnds, latestStart));
    while (next < this.#closed.length && (isLate(next) || still.includes(next))) next++;
    return { low: next, beyond: still.filter((at) => at > next) };
  }

  #orderOf(configuration: Configuration<State>): Op[] {
    const order: Op[] = [];
    for (let at: Configuration<State> | undefined = configuration; at && at.last >= 0; at = at.before) {
      order.push(this.#problem.operations[at.last]!);
    }
    return order.reverse();
  }
}

function advance({ low, beyond }: Taken, at: number): Taken {
  if (at !== low) return { low, beyond: insert(beyond, at) };
  let next = low + 1;
  let used = 0;
  while (used < beyond.length && beyond[used] === next) {
    next++;
    used++;
  }
  return { low: next, beyond: beyond.slice(used) };
}

function insert(ascending: readonly number[], value: number): number[] {
  const at = ascending.findIndex((each) => each > value);
  return at < 0 ? [...ascending, value] : [...ascending.slice(0, at), value, ...ascending.slice(at)];
}
