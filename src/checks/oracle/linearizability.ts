/**
 * Whether some order of the operations explains what is found: each takes effect at one instant between its invocation
 * and its end. Wing and Gong's search (Testing and Verifying Concurrent Objects, 1993) with Lowe's cache of the
 * configurations seen (Testing for Linearizability, 2017), and one thing more: a crash may have kept any operation that
 * need not survive from taking effect, but then nothing that began after its end took effect either.
 *
 * Not covered: histories so concurrent that the search does not end within its budget; then the answer is `unknown`.
 */
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
  /** An operation that was over may be left out although later ones are there. */
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

interface Configuration<State> {
  readonly state: State;
  /** All completed operations before this position have taken effect (or were passed over, with gaps). */
  readonly low: number;
  /** Completed ones from there on that have taken effect, ascending. */
  readonly beyond: readonly number[];
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
  readonly #seen = new Set<string>();
  #steps = 0;

  get steps(): number {
    return this.#steps;
  }

  constructor(problem: Problem<State, Op>) {
    this.#problem = problem;
    for (const [i, { end }] of problem.operations.entries()) (end === Infinity ? this.#open : this.#closed).push(i);
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
    const { operations, stepBudget } = this.#problem;
    const next: Configuration<State>[] = [];
    const taken = new Set(current.beyond);
    let earliestEnd = Infinity;
    for (let at = current.low; at < this.#closed.length && this.#steps <= stepBudget; at++) {
      if (taken.has(at)) continue;
      this.#steps++;
      const index = this.#closed[at]!;
      const { start, end } = operations[index]!;
      if (this.#problem.gapsAllowed) {
        // Something later has taken effect already: it is too late for this one.
        if (end < current.latestStart) continue;
      } else {
        if (start > earliestEnd) break;
        earliestEnd = Math.min(earliestEnd, end);
      }
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
    const configuration = {
      state,
      ...(at === undefined ? { low: current.low, beyond: current.beyond } : advance(current, at)),
      open: at === undefined ? insert(current.open, index) : current.open,
      requiredLeft: current.requiredLeft - (isRequired(op) ? 1 : 0),
      latestStart: Math.max(current.latestStart, op.start),
      last: index,
      before: current,
    };
    const { low, beyond, open } = configuration;
    const key = `${low}|${beyond.join()}|${open.join()}|${model.keyOf(state)}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    next.push(configuration);
  }

  #orderOf(configuration: Configuration<State>): Op[] {
    const order: Op[] = [];
    for (let at: Configuration<State> | undefined = configuration; at && at.last >= 0; at = at.before) {
      order.push(this.#problem.operations[at.last]!);
    }
    return order.reverse();
  }
}

function advance({ low, beyond }: { low: number; beyond: readonly number[] }, at: number) {
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
