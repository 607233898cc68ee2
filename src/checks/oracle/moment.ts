import { classOf, type DurabilityContract, type DurabilityPromise } from '../../stores/durability.ts';
import type { History, Operation } from '../../stores/history.ts';

/**
 * The instant of a crash as the history sees it: everything up to one event had certainly happened. Of what comes later
 * nobody knows, since lines may be read late; only an operation that waited for its invocation to stand in the log is
 * known not to have been started.
 */
export class Moment {
  /** Position of the last event that stood in the log; -1 when none did. */
  readonly passed: number;
  /** The latest time that was printed by then; undefined when lines carry none. */
  readonly timeMs: number | undefined;
  readonly contract: DurabilityContract;

  constructor(history: History, passed: number, contract: DurabilityContract) {
    this.passed = passed;
    this.contract = contract;
    let latest: number | undefined;
    // Times only go forward, so the last one is the latest; writers' lines may cross by a little.
    for (let i = passed; i >= 0 && latest === undefined; i--) latest = history.events[i]!.timeMs;
    this.timeMs = latest;
  }

  /** The store had reported it done. */
  isAcknowledged(operation: Operation): boolean {
    return operation.end <= this.passed;
  }

  /** Nothing of it can be on the disk: it had failed, or was not started yet. */
  isImpossible(operation: Operation): boolean {
    return operation.failedAt <= this.passed || (operation.waited && operation.start > this.passed);
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
