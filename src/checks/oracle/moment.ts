import { classOf, type DurabilityContract, type DurabilityPromise } from '../../stores/durability.ts';
import type { History, Operation } from '../../stores/history.ts';

/**
 * Position of the last event that stood in the log at the crash, -1 when none did. A disk that reported a flush done which
 * it had not done gives two: the last one before that lie (`passed`), and the last one before the crash (`reached`).
 */
export type Passed = number | { readonly passed: number; readonly reached: number };

/**
 * The instant of a crash as the history sees it: everything up to one event had certainly happened. Of what comes later
 * nobody knows, since lines may be read late; only an operation that waited for its invocation to stand in the log is
 * known not to have been started.
 *
 * A lying disk splits it in two. What a store can be asked for ends at the lie: what had to be there by then, how old it
 * was, and that nothing is there of what had failed, since undoing it may be what the disk has lost. What can be there
 * ends at the crash. Operations that ended in between are as those without an end, but for the order of those that are there.
 */
export class Moment {
  /** The last event of which something can be asked. */
  readonly passed: number;
  /** The last event that had certainly happened. The same unless the disk lied. */
  readonly reached: number;
  /** What was not durable before the lie may be missing, whatever is there of later. */
  readonly diskLied: boolean;
  /** The latest time that was printed by `passed`; undefined when lines carry none. */
  readonly timeMs: number | undefined;
  readonly contract: DurabilityContract;

  constructor(history: History, passed: Passed, contract: DurabilityContract) {
    this.diskLied = typeof passed !== 'number';
    const both = typeof passed === 'number' ? { passed, reached: passed } : passed;
    this.passed = both.passed;
    this.reached = both.reached;
    this.contract = contract;
    let latest: number | undefined;
    // Times only go forward, so the last one is the latest; writers' lines may cross by a little.
    for (let i = this.passed; i >= 0 && latest === undefined; i--) latest = history.events[i]!.timeMs;
    this.timeMs = latest;
  }

  /** The store had reported it done, and nothing lied before. */
  isAcknowledged(operation: Operation): boolean {
    return operation.end <= this.passed;
  }

  /** Nothing of it can be on the disk: it had failed, or was not started yet. */
  isImpossible(operation: Operation): boolean {
    return operation.failedAt <= this.passed || (operation.waited && operation.start > this.reached);
  }

  promiseOf(operation: Operation): DurabilityPromise {
    return this.contract[classOf(this.contract, operation)]!;
  }

  /** Whether it has to be there. Unknown when its promise is one of time and the history tells no times. */
  mustSurvive(operation: Operation): boolean | 'unknown' {
    if (!this.isAcknowledged(operation)) return false;
    const promise = this.promiseOf(operation);
    if (promise.kind !== 'group') return promise.kind === 'sync';
    const ageMs = this.ageMs(operation);
    return ageMs === undefined ? 'unknown' : ageMs > promise.withinMs;
  }

  /** At least so long ago it was acknowledged, milliseconds. */
  ageMs({ okTimeMs }: Operation): number | undefined {
    return this.timeMs === undefined || okTimeMs === undefined ? undefined : Math.max(0, this.timeMs - okTimeMs);
  }
}
