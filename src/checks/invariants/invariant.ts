import type { HistoryReading } from '../oracle/history-reading.ts';
import type { Verdict, ViolationClass } from '../verdict.ts';

/** What opening the store on one crash state came to. */
export type Recovered =
  | { readonly kind: 'opened'; readonly entries: ReadonlyMap<string, string> }
  /** Recovery or dump did not end well; or what they said could not be used. */
  | { readonly kind: 'failed'; readonly verdict: Verdict };

/** All that is known of one crash state. */
export interface Evidence {
  readonly recovered: Recovered;
  /** The same, done a second time; only with `--repeat-recovery`. */
  readonly recoveredAgain?: Recovered;
  /** Absent when the store did not open, or the workload printed no history. */
  readonly reading?: HistoryReading;
}

/** One thing that a store must keep to. */
export interface Invariant {
  /** As reports name it. */
  readonly name: string;
  /** What it guarantees when it holds. */
  readonly sentence: string;
  /** The classes that it can raise. */
  readonly classes: readonly ViolationClass[];
  /** Absent: it holds. */
  judge(evidence: Evidence): Judgement | undefined;
}

export type Judgement =
  | { readonly kind: 'violated'; readonly class: ViolationClass; readonly message: string }
  | { readonly kind: 'unknown'; readonly reason: string };
