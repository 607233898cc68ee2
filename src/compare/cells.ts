/** The words of the table, the same on the terminal and in Markdown. */
import type { ReportVerdict } from '../report/report.ts';
import { plural } from '../report/run-words.ts';
import { formatByteCount } from '../units.ts';
import type { ComparedFinding, ComparedMode, Comparison } from './comparison.ts';

export const HEADINGS = [
  'mode',
  'verdict',
  'states',
  'findings',
  'file system',
  'operations',
  'bytes/op',
  'barriers/op',
  'states/s',
] as const;

/** From this column on, numbers. */
export const FIRST_NUMBER = 5;

const NOTHING = '-';

export interface Row {
  readonly verdict: ReportVerdict;
  /** One for each heading. */
  readonly cells: readonly string[];
}

export function rowsOf({ modes, findings }: Comparison): Row[] {
  return modes.map((mode) => ({ verdict: mode.verdict, cells: cellsOf(mode, findings) }));
}

function cellsOf(mode: ComparedMode, findings: readonly ComparedFinding[]): string[] {
  const { states, cost, statesPerSecond } = mode;
  if (!states || !cost) return [mode.mode, 'not run', ...HEADINGS.slice(2).map(() => NOTHING)];
  return [
    mode.mode,
    mode.verdict,
    states.tested < states.distinct ? `${states.tested} of ${states.distinct}` : String(states.tested),
    foundOn(mode.mode, findings, 'store'),
    foundOn(mode.mode, findings, 'filesystem'),
    String(cost.operations),
    cost.operations === 0 ? NOTHING : formatByteCount(Math.round(cost.bytes / cost.operations)),
    cost.operations === 0 ? NOTHING : (cost.barriers / cost.operations).toFixed(1),
    String(statesPerSecond),
  ];
}

/** `lost 20, torn 1 (torn-512)`: classes, and how many states show each. */
function foundOn(mode: string, findings: readonly ComparedFinding[], blamed: ComparedFinding['blamed']): string {
  const counts = new Map<string, number>();
  for (const finding of findings) {
    if (finding.blamed !== blamed) continue;
    for (const { mode: name, states } of finding.on) {
      if (name === mode) addTo(counts, classWords(finding), states);
    }
  }
  return [...counts].map(([words, states]) => words.replace('#', String(states))).join(', ') || NOTHING;
}

const addTo = (counts: Map<string, number>, key: string, more: number): unknown =>
  counts.set(key, (counts.get(key) ?? 0) + more);

function classWords({ class: name, assumption, duringRecovery }: ComparedFinding): string {
  const how = [...(assumption === 'cache' ? [] : [assumption]), ...(duringRecovery ? ['during recovery'] : [])];
  return how.length === 0 ? `${name} #` : `${name} # (${how.join(', ')})`;
}

/** `lost (invariant check)`. */
export function findingTitle({ class: name, invariant, assumption, duringRecovery }: ComparedFinding): string {
  const when = duringRecovery ? ', during recovery' : '';
  return `${name} (invariant ${invariant}, assumes ${assumption}${when})`;
}

/** `all 5 modes`, `only the weaker: ext4:data=writeback`. */
export function spreadWords({ spread, on, absent }: ComparedFinding): string {
  const names = on.map(({ mode }) => mode).join(', ');
  if (spread === 'all') return on.length === 2 ? 'both modes' : `all ${on.length} modes`;
  if (spread === 'weaker') return `only weaker modes: ${names}`;
  if (spread === 'one') return `one mode: ${names}`;
  if (spread === 'some') return `some modes: ${names}; not: ${absent.join(', ')}`;
  return `seen on: ${names}`;
}

/** The line above the table. */
export function titleWords({ modes, strategies, seed }: Comparison): string {
  return `${plural(modes.length, 'mode')} compared (${strategies.join(', ')}; seed ${seed})`;
}
