import type { Finding } from '../checks/finding.ts';
import type { Verdict } from '../checks/verdict.ts';
import type { RecordingSummary, Report, RunReport } from './report.ts';

/**
 * What happens during a run, as plain values, in this order:
 *
 *     (record-start record-phase* record-end)?
 *     (replay-start (state-end finding*)* replay-end)?      both repeated for each file system
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
      readonly runner: string;
      readonly workers: number;
      /** States, as in `StateCounts`. */
      readonly planned: number;
      readonly distinct: number;
      readonly skipped: number;
      /** What the verdict will not cover. */
      readonly notes: readonly string[];
    }
  | {
      readonly type: 'state-end';
      readonly state: string;
      readonly acked: number;
      readonly verdict: Verdict;
      /** How many identical planned states this verdict settles besides. */
      readonly deduplicatedStates: number;
    }
  /** A finding shows for the first time; its counts are those of this moment. */
  | { readonly type: 'finding'; readonly finding: Finding }
  | { readonly type: 'replay-end'; readonly run: RunReport }
  | { readonly type: 'run-end'; readonly report: Report };

/** Renders events. It owns no state of the run, and may be called again after any event. */
export interface Reporter {
  onEvent(event: RunEvent): void;
  /** Called once, after the last event, on failure and interruption too. */
  close?(): void;
}
