import type { RunEvent } from './events.ts';
import { formatDuration } from './format-duration.ts';

/** How far the run is; built from events, so that every reporter says the same. */
export type Progress =
  | { readonly stage: 'idle' }
  | { readonly stage: 'recording'; readonly filesystem: string; readonly phase: string; readonly sinceMs: number }
  | {
      readonly stage: 'replaying' | 'killing';
      readonly filesystem: string;
      readonly sinceMs: number;
      /** Distinct states to try, or trials. */
      readonly total: number;
      readonly done: number;
      readonly findings: number;
      readonly unknown: number;
    };

export const IDLE: Progress = { stage: 'idle' };

/** @param nowMs when the event came */
export function advance(progress: Progress, event: RunEvent, nowMs: number): Progress {
  switch (event.type) {
    case 'record-start':
      return { stage: 'recording', filesystem: event.filesystem, phase: 'starting', sinceMs: nowMs };
    case 'record-phase':
      return progress.stage === 'recording' ? { ...progress, phase: event.phase } : progress;
    case 'replay-start': {
      const { filesystem, distinct: total } = event;
      return { stage: 'replaying', filesystem, sinceMs: nowMs, total, done: 0, findings: 0, unknown: 0 };
    }
    case 'kill-start': {
      const { filesystem, trials: total } = event;
      return { stage: 'killing', filesystem, sinceMs: nowMs, total, done: 0, findings: 0, unknown: 0 };
    }
    case 'state-end': {
      if (!isTrying(progress)) return progress;
      const unknown = progress.unknown + (event.verdict.kind === 'unknown' ? 1 : 0);
      return { ...progress, done: progress.done + 1, unknown };
    }
    case 'space-end':
      return progress.stage === 'replaying' ? { ...progress, total: progress.total - event.spared } : progress;
    case 'recovery-planned':
      return progress.stage === 'replaying' ? { ...progress, total: progress.total + event.states } : progress;
    case 'finding':
      return isTrying(progress) ? { ...progress, findings: progress.findings + 1 } : progress;
    case 'record-end':
    case 'replay-end':
    case 'kill-end':
    case 'run-end':
      return IDLE;
    case 'note':
      return progress;
  }
}

/** One line about it; undefined when nothing is under way. */
export function describeProgress(progress: Progress, nowMs: number): string | undefined {
  if (progress.stage === 'idle') return undefined;
  const elapsedMs = Math.max(0, nowMs - progress.sinceMs);
  if (progress.stage === 'recording') {
    return `recording ${progress.filesystem}: ${progress.phase}, ${formatDuration(elapsedMs)}`;
  }
  const { stage, filesystem, done, total, findings, unknown } = progress;
  const what = stage === 'replaying' ? 'states' : 'trials';
  const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
  const counts = `${findings} ${findings === 1 ? 'finding' : 'findings'}${unknown > 0 ? `, ${unknown} unknown` : ''}`;
  return `${stage} ${stage === 'killing' ? 'on ' : ''}${filesystem}: ${done}/${total} ${what} (${percent}%), ${pace(done, total, elapsedMs)}, ${counts}`;
}

type Trying = Extract<Progress, { total: number }>;

const isTrying = (progress: Progress): progress is Trying => 'total' in progress;

/** Before the first state is done there is no rate, and a guessed time left would be a lie. */
function pace(done: number, total: number, elapsedMs: number): string {
  if (done === 0 || elapsedMs === 0) return formatDuration(elapsedMs);
  const perSecond = (done / elapsedMs) * 1000;
  return `${perSecond.toFixed(1)}/s, ${formatDuration(((total - done) / perSecond) * 1000)} left`;
}
