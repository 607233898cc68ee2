import { oneLine } from '../one-line.ts';
import type { Colours } from './colour.ts';
import type { RunEvent } from './events.ts';
import { formatDuration } from './format-duration.ts';

/** Reasons are told as they come, so that a run that is going wrong can be stopped early; the rest is counted. */
const UNKNOWN_TOLD_MAX = 3;

/** Makes a function that words what an event adds to the progress output, as lines that stay. */
export function createEventLines(colours: Colours): (event: RunEvent) => string[] {
  let unknownTold = 0;
  return (event) => {
    if (event.type === 'replay-start' || event.type === 'kill-start') unknownTold = 0;
    if (event.type !== 'state-end') return linesFor(event, colours);
    if (event.verdict.kind !== 'unknown' || unknownTold >= UNKNOWN_TOLD_MAX) return [];
    unknownTold += 1;
    const last = unknownTold === UNKNOWN_TOLD_MAX ? ' (further ones are only counted)' : '';
    return [`${colours.yellow('unknown')} at ${event.state}: ${oneLine(event.verdict.reason)}${last}`];
  };
}

function linesFor(event: Exclude<RunEvent, { type: 'state-end' }>, colours: Colours): string[] {
  switch (event.type) {
    case 'note':
      return [`note: ${oneLine(event.text)}`];
    case 'record-start':
      return [`recording ${event.filesystem} with ${event.runner}`];
    case 'record-end': {
      const { id, folder, entries, flushes, marks } = event.recording;
      const counts = `${entries} entries, ${flushes} flushes, ${marks} marks`;
      return [`recorded ${id} in ${formatDuration(event.durationMs)}: ${counts}; kept in ${folder}`];
    }
    case 'replay-start': {
      const { filesystem, strategies, seed, shard, distinct, planned, workers, runner, notes } = event;
      const part = shard ? `shard ${shard.index} of ${shard.count}, ` : '';
      const states = `${part}${distinct} of ${planned} crash states differ (${strategies.join(', ')}; seed ${seed})`;
      const start = `replaying ${filesystem}: ${states}; ${workers} ${workers === 1 ? 'worker' : 'workers'} with ${runner}`;
      return [start, ...notes.map((note) => `note: ${oneLine(note)}`)];
    }
    case 'kill-start': {
      const { filesystem, mode, seed, trials, writers, workers, notes } = event;
      const who = `${plural(writers, 'writer')}, ${plural(workers, 'trial')} at once`;
      const start = `${mode === 'kill' ? 'killing' : 'stopping'} on ${filesystem}: ${plural(trials, 'trial')} with seed ${seed}; ${who}`;
      return [start, ...notes.map((note) => `note: ${oneLine(note)}`)];
    }
    case 'kill-end': {
      const { states, timing } = event.run;
      const counts = `${plural(states.tested, 'trial')} in ${formatDuration(timing.replayMs)}`;
      return [`killed: ${counts}, ${states.violated} violated, ${states.unknown} unknown`];
    }
    case 'finding': {
      const { class: violationClass, blamed, state, message } = event.finding;
      return [`${colours.red('finding')}: ${violationClass} (${blamed}) at ${state}: ${oneLine(message)}`];
    }
    case 'replay-end': {
      const { filesystem, states, timing } = event.run;
      const counts = `${states.tested} states in ${formatDuration(timing.replayMs)}`;
      return [`replayed ${filesystem}: ${counts}, ${states.violated} violated, ${states.unknown} unknown`];
    }
    case 'record-phase':
    case 'space-end':
    case 'recovery-planned':
    case 'run-end':
      return [];
  }
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
