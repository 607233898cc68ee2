import type { Finding } from '../checks/finding.ts';
import type { Assumption, Blamed } from '../checks/verdict.ts';
import { oneLine } from '../one-line.ts';
import { PLAIN, type Colours } from './colour.ts';
import { formatDuration } from './format-duration.ts';
import type { LossWindow } from './loss-window.ts';
import type { Report, ReportVerdict, RunReport } from './report.ts';

const ASSUMPTIONS: Readonly<Record<Assumption, string>> = {
  cache: 'an honest disk with a volatile write cache',
  'torn-512': 'a disk that may write part of a request, in units of 512 bytes',
  'torn-4096': 'a disk that may write part of a request, in units of 4096 bytes',
  'lying-flush': 'a disk that reports a flush done and does not do it',
  'bit-rot': 'a disk that gives back other bits than were written',
  'io-error': 'a disk that fails to read or write',
};

const BLAMED: Readonly<Record<Blamed, string>> = { store: 'the store', filesystem: 'the file system' };

/** The final text: the verdict first, then each run with its findings. Pure; one string a line. */
export function summarise(report: Report, colours: Colours = PLAIN): string[] {
  const { powercut, kernel, node, runner } = report.environment;
  return [
    ...headlines(report, colours),
    ...report.runs.flatMap((run) => ['', ...runLines(run, colours)]),
    '',
    colours.dim(`powercut ${powercut}, kernel ${kernel} (${runner}), node ${node}`),
  ];
}

function headlines(report: Report, colours: Colours): string[] {
  const total = (pick: (run: RunReport) => number): number => report.runs.reduce((sum, run) => sum + pick(run), 0);
  const tested = total((run) => run.states.tested);
  const skipped = total((run) => run.states.skipped);
  const gaps = gapsIn(
    tested,
    total((run) => run.states.distinct),
    total((run) => run.states.unknown),
  );
  const label = verdictLabel(report.verdict, colours);
  if (report.verdict === 'unknown') return [`${label}: ${gaps.join('; ')}`];
  if (report.verdict === 'ok') {
    const also = skipped > 0 ? `; ${skipped} skipped, whose content the log does not tell` : '';
    return [`${label}: all of ${testedStates(tested)} held${also}`];
  }
  const findings = plural(
    total((run) => run.findings.length),
    'finding',
  );
  const violated = total((run) => run.states.violated);
  const also = gaps.length === 0 ? [] : [`${colours.yellow('also unknown')}: ${gaps.join('; ')}`];
  return [`${label}: ${findings}, in ${violated} of ${testedStates(tested)}`, ...also];
}

/** What keeps a run from being a full answer. */
function gapsIn(tested: number, distinct: number, unknown: number): string[] {
  const gaps: string[] = [];
  if (unknown > 0) gaps.push(`${unknown} of ${testedStates(tested)} could not be judged`);
  if (tested < distinct) gaps.push(`${distinct - tested} of ${plural(distinct, 'crash state')} not tested`);
  if (distinct === 0) gaps.push('there was no crash state to test');
  return gaps;
}

function verdictLabel(verdict: ReportVerdict, colours: Colours): string {
  const paint = ({ ok: 'green', violated: 'red', unknown: 'yellow' } as const)[verdict];
  return colours.bold(colours[paint](verdict));
}

function runLines(run: RunReport, colours: Colours): string[] {
  const { states, recording, timing } = run;
  const recorded = timing.recordMs > 0 ? `recorded in ${formatDuration(timing.recordMs)}, ` : '';
  return [
    colours.bold(`${run.filesystem} (${run.strategies.join(', ')})`),
    `  states: ${states.planned} planned, ${states.distinct} distinct, ${states.tested} tested, ` +
      `${states.deduplicated} deduplicated, ${states.reused} reused, ${states.skipped} skipped, ${states.violated} violated, ${states.unknown} unknown`,
    `  recording: ${recording.id}, ${recording.entries} entries, ${recording.flushes} flushes, ${recording.fuas} FUA, ` +
      `${recording.marks} marks`,
    `  time: ${recorded}replayed in ${formatDuration(timing.replayMs)}, ${timing.statesPerSecond} states/s`,
    ...(run.durability ?? []).map(durabilityLine),
    ...run.findings.flatMap((finding, index) => ['', ...findingLines(finding, index + 1, colours)]),
    ...unknownLines(run, colours),
  ];
}

function durabilityLine({ class: name, promise, operations, ms, state }: LossWindow): string {
  const age = ms === undefined ? '' : `, the oldest acknowledged ${ms} ms before the cut`;
  const lost = operations === 0 ? 'nothing' : `up to ${plural(operations, 'operation')}${age} (${state})`;
  return `  durability: ${oneLine(name)} promises ${promise}; of the acknowledged was lost: ${lost}`;
}

function findingLines(finding: Finding, number: number, colours: Colours): string[] {
  return [
    `  ${colours.bold(`finding ${number}: ${colours.red(finding.class)}`)}: ${oneLine(finding.message)}`,
    `    blamed: ${BLAMED[finding.blamed]} (invariant ${finding.invariant})`,
    `    assumes: ${finding.assumption}, ${ASSUMPTIONS[finding.assumption]}`,
    `    state: ${finding.state}, ${finding.acked} acknowledged, last good ${finding.lastGood ?? 'none'}`,
    `    shared by: ${plural(finding.states, 'state')}`,
    '    reproduce:',
    `      ${finding.reproduce}`,
  ];
}

function unknownLines(run: RunReport, colours: Colours): string[] {
  const unknowns = run.unknowns ?? [];
  if (unknowns.length === 0) return [];
  return [
    '',
    `  ${colours.yellow('not judged')}:`,
    ...unknowns.map(
      ({ states, state, reason }) => `    ${plural(states, 'state')}, such as ${state}: ${oneLine(reason)}`,
    ),
  ];
}

const testedStates = (count: number): string => plural(count, 'tested crash state');

/** `1 finding`, `2 findings`. */
function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
