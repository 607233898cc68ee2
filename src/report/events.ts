import type { Finding } from '../checks/finding.ts';
import type { Verdict } from '../checks/verdict.ts';
import type { RecordingSummary, Report, RunReport, SpaceCoverage } from './report.ts';

/**
 * What happens during a run, as plain values, in this order:
 *
 *     (record-start record-phase* record-end)?
 *     (kill-start (state-end finding*)* kill-end)?
 *     (replay-start ((state-end finding* | recovery-planned)* space-end?)* replay-end)?      recorded and replayed for each
 *                                                                                             file system
 *     run-end?
 *
 * `note` may stand anywhere. A step that fails is thrown to the caller and ends the stream where it is, without the ends
 * that are then missing; so a reporter must not wait for an end before it gives a terminal back: that is what `close` is
 * for.
 */
export type RunEvent =
  | { readonly type: 'note'; readonly text: string }
  | {
      readonly type: 'record-start';
      /** Canonical `--fs` text. */
      readonly filesystem: string;
      /** Which kernel records, and why that one. */
      readonly runner: string;
    }
  | { readonly type: 'record-phase'; readonly phase: string }
  | {
      readonly type: 'record-end';
      readonly recording: RecordingSummary & { readonly folder: string };
      readonly durationMs: number;
    }
  | {
      readonly type: 'replay-start';
      readonly filesystem: string;
      readonly strategies: readonly string[];
      /** What random choices follow from. */
      readonly seed: number;
      /** Present with `--shard`; counts are then the shard's. */
      readonly shard?: { readonly index: number; readonly count: number };
      readonly runner: string;
      readonly workers: number;
      /** States, as in `StateCounts`; fewer in the end where one run settles many. */
      readonly planned: number;
      readonly distinct: number;
      readonly skipped: number;
      /** What the verdict will not cover. */
      readonly notes: readonly string[];
    }
  | {
      readonly type: 'kill-start';
      /** Type of the file system on which the store runs. */
      readonly filesystem: string;
      readonly mode: 'kill' | 'stop';
      readonly seed: number;
      /** The undisturbed run included. */
      readonly trials: number;
      readonly writers: number;
      readonly workers: number;
      /** What the verdict will not cover. */
      readonly notes: readonly string[];
    }
  | { readonly type: 'kill-end'; readonly run: RunReport }
  | {
      readonly type: 'state-end';
      /** A crash state, or a trial: `k17`. */
      readonly state: string;
      readonly acked: number;
      readonly verdict: Verdict;
      /** How many identical planned states this verdict settles besides. */
      readonly deduplicatedStates: number;
    }
  | {
      /** All that is to be tried of the states that one power cut can leave has been. */
      readonly type: 'space-end';
      readonly strategy: string;
      /** The state that they start from. */
      readonly start: string;
      readonly coverage: SpaceCoverage;
      /** Runs that were expected and are not needed. */
      readonly spared: number;
    }
  /** What a state writes while it recovers has been recorded; so many states are to be tried besides. */
  | { readonly type: 'recovery-planned'; readonly state: string; readonly states: number }
  /** A finding shows for the first time; its counts are those of this moment. */
  | { readonly type: 'finding'; readonly finding: Finding }
  | { readonly type: 'replay-end'; readonly run: RunReport }
  | { readonly type: 'run-end'; readonly report: Report };

/** Renders events. It owns no state of the run, and may be called again after any event. */
export interface Reporter {
  onEvent(event: RunEvent): void;
  /**
   * Called once, after the last event, on failure and interruption too.
   * @param failure why the run ended without the ends that are missing; undefined when it came to its end
   */
  close?(failure?: string): void;
}
