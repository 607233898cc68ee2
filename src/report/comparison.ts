import type { ViolationClass } from '../checks/verdict.ts';
import { verdictOfRun, type ReportVerdict, type RunReport } from './report.ts';

/** What killing the process finds and what cutting the power finds, in one store. */
export interface Comparison {
  /** One for each run, in their order. */
  readonly columns: readonly ComparisonColumn[];
  /** Every class that was found, and how many trials or crash states of each column show it. */
  readonly classes: readonly { readonly class: ViolationClass; readonly states: readonly number[] }[];
}

export interface ComparisonColumn {
  readonly rung: 'kill' | 'power-cut';
  /** How, and on which file system. */
  readonly name: string;
  /** Trials or crash states. */
  readonly tested: number;
  readonly verdict: ReportVerdict;
}

export function compareRungs(runs: readonly RunReport[]): Comparison {
  const classes = [...new Set(runs.flatMap(({ findings }) => findings.map((finding) => finding.class)))];
  return {
    columns: runs.map(columnOf),
    classes: classes.map((name) => ({ class: name, states: runs.map((run) => statesWith(run, name)) })),
  };
}

function columnOf(run: RunReport): ComparisonColumn {
  const { kill, filesystem, strategies, states } = run;
  return {
    rung: kill ? 'kill' : 'power-cut',
    name: `${strategies.join(', ')} on ${filesystem}`,
    tested: states.tested,
    verdict: verdictOfRun(run),
  };
}

function statesWith({ findings }: RunReport, violationClass: ViolationClass): number {
  const same = findings.filter((finding) => finding.class === violationClass);
  return same.reduce((sum, finding) => sum + finding.states, 0);
}

/** As a table, one string a line. */
export function comparisonLines({ columns, classes }: Comparison): string[] {
  const rows = [
    ['', ...columns.map(({ rung }) => (rung === 'kill' ? 'the process killed' : 'the power cut'))],
    ['how', ...columns.map(({ name }) => name)],
    ['tried', ...columns.map(({ rung, tested }) => `${tested} ${rung === 'kill' ? 'trials' : 'crash states'}`)],
    ...classes.map((row) => [row.class, ...row.states.map((states) => (states === 0 ? '-' : `in ${states}`))]),
    ['verdict', ...columns.map(({ verdict }) => verdict)],
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('   ')}`.trimEnd());
}
