import { oneLine } from '../one-line.ts';
import { PLAIN, type Colours } from '../report/colour.ts';
import { BLAMED_WORDS } from '../report/run-words.ts';
import { findingTitle, FIRST_NUMBER, HEADINGS, rowsOf, spreadWords, titleWords, type Row } from './cells.ts';
import type { ComparedFinding, Comparison } from './comparison.ts';

const VERDICT_COLUMN = 1;
const PAINT = { ok: 'green', violated: 'red', unknown: 'yellow' } as const;

/** The comparison for a terminal: the table, what each finding means, notes. Pure; one string a line. */
export function comparisonText(comparison: Comparison, colours: Colours = PLAIN): string[] {
  return [
    colours.bold(titleWords(comparison)),
    '',
    ...tableLines(rowsOf(comparison), colours),
    ...comparison.findings.flatMap((finding) => ['', ...findingLines(finding, colours)]),
    ...(comparison.notes.length === 0 ? [] : ['', ...comparison.notes.map((note) => `note: ${oneLine(note)}`)]),
  ];
}

function tableLines(rows: readonly Row[], colours: Colours): string[] {
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map(({ cells }) => cells[column]!.length)),
  );
  // Painted after it is padded: colours have no width, but a length.
  const line = (cells: readonly string[], paint: (cell: string, column: number) => string): string =>
    cells
      .map((cell, column) => paint(padded(cell, column, widths[column]!), column))
      .join('  ')
      .trimEnd();
  return [
    line(HEADINGS, (cell) => colours.dim(cell)),
    ...rows.map(({ verdict, cells }) =>
      line(cells, (cell, column) => (column === VERDICT_COLUMN ? colours[PAINT[verdict]](cell) : cell)),
    ),
  ];
}

const padded = (cell: string, column: number, width: number): string =>
  column < FIRST_NUMBER ? cell.padEnd(width) : cell.padStart(width);

function findingLines(finding: ComparedFinding, colours: Colours): string[] {
  const first = finding.on[0]!;
  return [
    `${colours.bold(colours.red(findingTitle(finding)))}: ${spreadWords(finding)}`,
    `  blamed: ${BLAMED_WORDS[finding.blamed]}; look at: ${finding.cause}`,
    `  ${finding.meaning}`,
    `  such as ${first.mode}, ${first.state}: ${oneLine(first.message)}`,
    `    ${first.reproduce}`,
  ];
}
