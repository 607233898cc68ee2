/** What reports for people say of a run and of a finding, in whatever form they are. */
import type { Finding } from '../checks/finding.ts';
import type { Assumption, Blamed } from '../checks/verdict.ts';
import { oneLine } from '../one-line.ts';
import { killedNothing, type RunReport } from './report.ts';

export const ASSUMPTION_WORDS: Readonly<Record<Assumption, string>> = {
  process: 'nothing of the disk: only the process died',
  cache: 'an honest disk with a volatile write cache',
  'torn-512': 'a disk that may write part of a request, in units of 512 bytes',
  'torn-4096': 'a disk that may write part of a request, in units of 4096 bytes',
  'lying-flush': 'a disk that reports a flush done and does not do it',
  'bit-rot': 'a disk that gives back other bits than were written',
  'io-error': 'a disk that fails to write, and says so',
};

export const BLAMED_WORDS: Readonly<Record<Blamed, string>> = { store: 'the store', filesystem: 'the file system' };

/** `ext4:data=ordered (each-barrier, torn)`, `xfs (each-barrier), shard 2 of 3`. */
export function nameOfRun({ filesystem, strategies, shard }: RunReport): string {
  const part = shard ? `, shard ${shard.index} of ${shard.count}` : '';
  return `${filesystem} (${strategies.join(', ')})${part}`;
}

/** What keeps a run, or several added up, from being a full answer. */
export function gapsIn(runs: readonly RunReport[]): string[] {
  const total = (pick: (run: RunReport) => number): number => runs.reduce((sum, run) => sum + pick(run), 0);
  const noun = nounFor(runs);
  const unknown = total(({ states }) => states.unknown);
  const distinct = total(({ states }) => states.distinct);
  const untested = distinct - total(({ states }) => states.tested);
  const gaps: string[] = [];
  if (unknown > 0) gaps.push(`${unknown} of ${wordsForTested(runs)} could not be judged`);
  if (untested > 0) gaps.push(`${untested} of ${plural(distinct, noun)} not tested`);
  if (distinct === 0) gaps.push(`there was no ${noun} to test`);
  if (runs.some(killedNothing)) gaps.push('in no trial the moment came before the workload had ended');
  return gaps;
}

/** `3 tested crash states`, `100 trials`. */
export function wordsForTested(runs: readonly RunReport[]): string {
  const noun = nounFor(runs);
  return plural(
    runs.reduce((sum, { states }) => sum + states.tested, 0),
    noun === 'trial' ? noun : `tested ${noun}`,
  );
}

/** What was tested, in one word for all runs. */
function nounFor(runs: readonly RunReport[]): string {
  const kills = runs.filter(({ kill }) => kill).length;
  if (kills === 0) return 'crash state';
  return kills === runs.length ? 'trial' : 'state';
}

/** A finding on a few lines without colour; the last is the command that tries it again. */
export function explainFinding(finding: Finding): string[] {
  return [
    `${finding.class}: ${oneLine(finding.message)}`,
    `blamed: ${BLAMED_WORDS[finding.blamed]} (invariant ${finding.invariant})`,
    `assumes: ${finding.assumption}, ${ASSUMPTION_WORDS[finding.assumption]}`,
    `state: ${finding.state}, ${finding.acked} acknowledged, last good ${finding.lastGood ?? 'none'}`,
    `shared by: ${plural(finding.states, 'state')}`,
    `reproduce: ${finding.reproduce}`,
  ];
}

/** `1 finding`, `2 findings`. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : many}`;
}
