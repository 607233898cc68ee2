import { oneLine } from '../one-line.ts';
import { codeBlock, markdownTable, markdownText } from '../report/markdown.ts';
import { findingTitle, HEADINGS, rowsOf, spreadWords, titleWords } from './cells.ts';
import type { ComparedFinding, Comparison } from './comparison.ts';

/** The comparison as GitHub's Markdown, for a job summary or a page. Pure; ends with a line's end. */
export function comparisonMarkdown(comparison: Comparison): string {
  const { findings, notes } = comparison;
  const rows = rowsOf(comparison).map(({ cells }) => cells.map(markdownText));
  const lines = [
    `**${comparison.verdict}**: ${markdownText(titleWords(comparison))}`,
    '',
    ...markdownTable(HEADINGS, rows),
    ...findings.flatMap((finding) => ['', ...findingLines(finding)]),
    ...(notes.length === 0 ? [] : ['', ...notes.map((note) => `- ${markdownText(oneLine(note))}`)]),
  ];
  return `${lines.join('\n')}\n`;
}

function findingLines(finding: ComparedFinding): string[] {
  const first = finding.on[0]!;
  return [
    `**${markdownText(findingTitle(finding))}**: ${markdownText(spreadWords(finding))}`,
    '',
    `- look at: ${finding.cause}. ${markdownText(finding.meaning)}`,
    `- such as ${markdownText(`${first.mode}, ${first.state}: ${oneLine(first.message)}`)}`,
    '',
    ...codeBlock('sh', first.reproduce),
  ];
}
