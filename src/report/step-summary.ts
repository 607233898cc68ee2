import type { Finding } from '../checks/finding.ts';
import { oneLine } from '../one-line.ts';
import { codeBlock, markdownTable, markdownText } from './markdown.ts';
import { verdictOfRun, type Report, type RunReport } from './report.ts';
import { ASSUMPTION_WORDS, BLAMED_WORDS, nameOfRun, plural } from './run-words.ts';

/** A service keeps 1 MiB of summary a step and drops all of a longer one; this many stay far below it. */
const FINDINGS_SHOWN = 50;

/** A report as Markdown, for the summary page of a CI job. */
export function stepSummary(report: Report): string {
  const { powercut, kernel, runner } = report.environment;
  const findings = report.runs.flatMap((run) => run.findings.map((finding) => ({ run, finding })));
  const left = findings.length - FINDINGS_SHOWN;
  const lines = [
    `## powercut: ${report.verdict}`,
    '',
    ...markdownTable(HEAD, report.runs.map(rowOf)),
    ...findings.slice(0, FINDINGS_SHOWN).flatMap(({ run, finding }) => findingSection(run, finding)),
    ...(left > 0 ? ['', `And ${plural(left, 'finding')} more, which the JSON report has.`] : []),
    ...report.runs.flatMap(unknownSection),
    '',
    markdownText(`powercut ${powercut}, kernel ${kernel} (${runner})`),
  ];
  return `${lines.join('\n')}\n`;
}

const HEAD = ['run', 'verdict', 'states tested', 'of distinct', 'violated', 'unknown', 'findings'];

function rowOf(run: RunReport): string[] {
  const { tested, distinct, violated, unknown } = run.states;
  const counts = [tested, distinct, violated, unknown, run.findings.length];
  return [markdownText(nameOfRun(run)), verdictOfRun(run), ...counts.map(String)];
}

function findingSection(run: RunReport, finding: Finding): string[] {
  const { state, acked, lastGood = 'none', states, assumption, blamed, invariant } = finding;
  return [
    '',
    `### ${finding.class} on ${markdownText(run.filesystem)}`,
    '',
    markdownText(oneLine(finding.message)),
    '',
    `- blamed: ${BLAMED_WORDS[blamed]} (invariant ${markdownText(invariant)})`,
    `- assumes: ${assumption}, ${ASSUMPTION_WORDS[assumption]}`,
    `- state: ${markdownText(`${state}, ${acked} acknowledged, last good ${lastGood}`)}`,
    `- shared by: ${plural(states, 'state')}`,
    '',
    ...codeBlock('sh', finding.reproduce),
  ];
}

function unknownSection(run: RunReport): string[] {
  const unknowns = run.unknowns ?? [];
  if (unknowns.length === 0) return [];
  const lines = unknowns.map(
    ({ states, state, reason }) => `- ${plural(states, 'state')}, such as ${state}: ${markdownText(oneLine(reason))}`,
  );
  return ['', `### Not judged on ${markdownText(run.filesystem)}`, '', ...lines];
}
