import type { Finding } from '../checks/finding.ts';
import { oneLine } from '../one-line.ts';
import { PLAIN, type Colours } from './colour.ts';
import { comparisonLines } from './comparison.ts';
import { formatDuration } from './format-duration.ts';
import type { LossWindow } from './loss-window.ts';
import type {
  KillSummary,
  RecordingSummary,
  RecoveryCoverage,
  Report,
  ReportVerdict,
  RunReport,
  StrategyCoverage,
} from './report.ts';
import { ASSUMPTION_WORDS, BLAMED_WORDS, gapsIn, nameOfRun, plural, wordsForTested } from './run-words.ts';

/** The final text: the verdict first, then each run with its findings. Pure; one string a line. */
export function summarise(report: Report, colours: Colours = PLAIN): string[] {
  const { powercut, kernel, node, runner } = report.environment;
  return [
    ...headlines(report, colours),
    ...report.runs.flatMap((run) => ['', ...runLines(run, colours)]),
    ...(report.comparison ? ['', colours.bold('what each finds'), ...comparisonLines(report.comparison)] : []),
    '',
    colours.dim(`powercut ${powercut}, kernel ${kernel} (${runner}), node ${node}`),
  ];
}

function headlines(report: Report, colours: Colours): string[] {
  const total = (pick: (run: RunReport) => number): number => report.runs.reduce((sum, run) => sum + pick(run), 0);
  const skipped = total((run) => run.states.skipped);
  const tested = wordsForTested(report.runs);
  const gaps = gapsIn(report.runs);
  const label = verdictLabel(report.verdict, colours);
  if (report.verdict === 'unknown') return [`${label}: ${gaps.join('; ')}${partWords(report)}`];
  if (report.verdict === 'ok') {
    const also = skipped > 0 ? `; ${skipped} skipped, whose content the log does not tell` : '';
    return [`${label}: all of ${tested} held${also}${partWords(report)}`];
  }
  const findings = plural(
    total((run) => run.findings.length),
    'finding',
  );
  const violated = total((run) => run.states.violated);
  const also = gaps.length === 0 ? [] : [`${colours.yellow('also unknown')}: ${gaps.join('; ')}`];
  return [`${label}: ${findings}, in ${violated} of ${tested}${partWords(report)}`, ...also];
}

/** A verdict on a part must not be taken for one on the whole. */
function partWords({ runs }: Report): string {
  const parts = runs.flatMap(({ shard }) => (shard ? [`shard ${shard.index} of ${shard.count}`] : []));
  return parts.length === 0 ? '' : ` (${parts.join(', ')} alone)`;
}

function verdictLabel(verdict: ReportVerdict, colours: Colours): string {
  const paint = ({ ok: 'green', violated: 'red', unknown: 'yellow' } as const)[verdict];
  return colours.bold(colours[paint](verdict));
}

function runLines(run: RunReport, colours: Colours): string[] {
  const { states, recording, kill, timing } = run;
  if (kill) return [colours.bold(nameOfRun(run)), ...killLines(run, kill), ...detailLines(run, colours)];
  const fastForwarded = states.fastForwarded === undefined ? '' : `${states.fastForwarded} fast-forwarded, `;
  const recorded = timing.recordMs > 0 ? `recorded in ${formatDuration(timing.recordMs)}, ` : '';
  return [
    colours.bold(nameOfRun(run)),
    `  states: ${states.planned} planned, ${states.distinct} distinct, ${states.tested} tested, ` +
      `${states.deduplicated} deduplicated, ${states.reused} reused, ${fastForwarded}${states.skipped} skipped, ${states.violated} violated, ${states.unknown} unknown`,
    ...(recording ? [recordingLine(recording)] : []),
    `  time: ${recorded}replayed in ${formatDuration(timing.replayMs)}, ${timing.statesPerSecond} states/s`,
    ...(run.assumptions ?? []).map((assumption) => `  assumes: ${oneLine(assumption)}`),
    ...(run.coverage ?? []).map(coverageLine),
    ...(run.duringRecovery ? [recoveryLine(run.duringRecovery)] : []),
    ...detailLines(run, colours),
  ];
}

function recordingLine({ id, entries, flushes, fuas, marks, kernel }: RecordingSummary): string {
  const by = kernel === undefined ? '' : `, by kernel ${kernel}`;
  return `  recording: ${id}, ${entries} entries, ${flushes} flushes, ${fuas} FUA, ${marks} marks${by}`;
}

function killLines({ states, seed, timing }: RunReport, kill: KillSummary): string[] {
  const { writers, killed, lines, workloadMs = 0 } = kill;
  const undisturbed =
    lines === undefined ? '' : `; undisturbed it prints ${lines} lines in ${formatDuration(workloadMs)}`;
  const what = kill.mode === 'kill' ? 'killed' : 'stopped';
  return [
    `  trials: ${states.planned} planned, ${states.tested} tested, ${killed} ${what} before their end, ` +
      `${states.violated} violated, ${states.unknown} unknown`,
    `  seed: ${seed}; ${plural(writers, 'writer')}${undisturbed}`,
    `  time: ${formatDuration(timing.replayMs)}, ${timing.statesPerSecond} trials/s`,
  ];
}

function detailLines(run: RunReport, colours: Colours): string[] {
  return [
    ...(run.durability ?? []).map(durabilityLine),
    ...run.findings.flatMap((finding, index) => ['', ...findingLines(finding, index + 1, colours)]),
    ...unknownLines(run, colours),
  ];
}

function coverageLine({ strategy, spaces, complete, states, settled, skipped, runs }: StrategyCoverage): string {
  const all = settled === states ? `all ${shortNumber(states)}` : `${shortNumber(settled)} of ${shortNumber(states)}`;
  const unknown = skipped === '0' ? '' : `, ${shortNumber(skipped)} skipped`;
  const flushes =
    complete === spaces ? plural(spaces, 'power cut') : `${plural(spaces, 'power cut')}, ${complete} of them wholly`;
  return `  ${strategy}: ${all} legal states of ${flushes} settled by ${plural(runs, 'run')}${unknown}`;
}

function recoveryLine({ depth, recoveries, planned, distinct, tested }: RecoveryCoverage): string {
  const twice = depth === 1 ? '' : ` (up to ${depth} times in a row)`;
  return (
    `  during-recovery${twice}: ${plural(recoveries, 'recovery', 'recoveries')} recorded; ` +
    `${tested} of ${distinct} distinct states of ${plural(planned, 'barrier')} tested`
  );
}

/** Decimal digits as they are, or `3.2e40`. */
const shortNumber = (digits: string): string =>
  digits.length <= 15 ? digits : Number(digits).toExponential(1).replace('+', '');

function durabilityLine({ class: name, promise, operations, ms, state }: LossWindow): string {
  const age = ms === undefined ? '' : `, the oldest acknowledged ${ms} ms before the cut`;
  const lost = operations === 0 ? 'nothing' : `up to ${plural(operations, 'operation')}${age} (${state})`;
  return `  durability: ${oneLine(name)} promises ${promise}; of the acknowledged was lost: ${lost}`;
}

function findingLines(finding: Finding, number: number, colours: Colours): string[] {
  return [
    `  ${colours.bold(`finding ${number}: ${colours.red(finding.class)}`)}: ${oneLine(finding.message)}`,
    `    blamed: ${BLAMED_WORDS[finding.blamed]} (invariant ${finding.invariant})`,
    `    assumes: ${finding.assumption}, ${ASSUMPTION_WORDS[finding.assumption]}`,
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
