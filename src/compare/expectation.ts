import { ASSUMPTIONS, type Assumption } from '../checks/verdict.ts';
import type { ReportVerdict } from '../report/report.ts';
import { isWhole, type ComparedFinding, type ComparedMode, type Comparison } from './comparison.ts';

/** Sorted, by what they assume of the device: `{ "cache": ["lost"] }`. */
type ExpectedClasses = { readonly [Name in Assumption]?: readonly string[] };

/** What is expected of one mode: what stays the same from run to run, and none of the counts and times. */
export interface ExpectedMode {
  readonly mode: string;
  readonly verdict: ReportVerdict;
  /** Of the findings of a first power cut. */
  readonly classes: ExpectedClasses;
  /** Of those of a second one during recovery; absent when there are none. */
  readonly duringRecovery?: ExpectedClasses;
}

/** The committed table of `--expect`. */
export interface Expectation {
  readonly formatVersion: 1;
  readonly strategies: readonly string[];
  readonly modes: readonly ExpectedMode[];
}

/** What of a comparison can be committed. */
export function expectationOf(comparison: Comparison): Expectation {
  const { strategies, modes } = comparison;
  return { formatVersion: 1, strategies, modes: modes.map((mode) => expectedOf(mode, comparison)) };
}

function expectedOf({ mode, verdict }: ComparedMode, { findings }: Comparison): ExpectedMode {
  const here = findings.filter(({ on }) => on.some((sighting) => sighting.mode === mode));
  const again = here.filter(({ duringRecovery }) => duringRecovery);
  return {
    mode,
    verdict,
    classes: classesOf(here.filter(({ duringRecovery }) => !duringRecovery)),
    ...(again.length > 0 && { duringRecovery: classesOf(again) }),
  };
}

function classesOf(findings: readonly ComparedFinding[]): ExpectedClasses {
  const classes: { [Name in Assumption]?: string[] } = {};
  for (const assumption of ASSUMPTIONS) {
    const names = findings.filter((finding) => finding.assumption === assumption).map((finding) => finding.class);
    if (names.length > 0) classes[assumption] = [...new Set(names)].sort();
  }
  return classes;
}

/** What keeps a comparison from saying that nothing changed, one line for each mode that was not judged to its end. */
export function gapsOf({ modes }: Pick<Comparison, 'modes'>): string[] {
  return modes.flatMap(({ mode, obstacle, states }) => {
    if (!states) return [`${mode} was not run${obstacle === undefined ? '' : ` (${obstacle})`}`];
    if (isWhole({ states })) return [];
    return [
      `${mode} was not judged to its end: ${states.tested} of ${states.distinct} states tried, ${states.unknown} unknown`,
    ];
  });
}

/** What is not as expected, one line each, in the order of the table; empty when all is. The order of modes does not matter. */
export function changesBetween(expected: Expectation, found: Expectation): string[] {
  return [
    ...strategyChange(expected.strategies, found.strategies),
    ...found.modes.flatMap((mode) => changesOf(modeNamed(mode.mode, expected), mode)),
    ...expected.modes
      .filter(({ mode }) => !modeNamed(mode, found))
      .map(({ mode }) => `${mode}: expected, and not compared`),
  ];
}

const modeNamed = (name: string, { modes }: Expectation): ExpectedMode | undefined =>
  modes.find(({ mode }) => mode === name);

/** Another question has other answers, even if they happen to be equal. */
function strategyChange(expected: readonly string[], found: readonly string[]): string[] {
  const [before, now] = [expected, found].map((names) => [...names].sort().join(', '));
  return before === now ? [] : [`strategies: expected ${before}, now ${now}`];
}

function changesOf(expected: ExpectedMode | undefined, found: ExpectedMode): string[] {
  const { mode } = found;
  if (!expected) return [`${mode}: not expected (${found.verdict}${shortList(allClasses(found))})`];
  const before = new Set(allClasses(expected));
  const now = new Set(allClasses(found));
  // A mode that was not judged has shown nothing, and so not that a finding is gone either.
  const gone = found.verdict === 'unknown' ? [] : [...before].filter((name) => !now.has(name));
  return [
    ...(expected.verdict === found.verdict ? [] : [`${mode}: expected ${expected.verdict}, now ${found.verdict}`]),
    ...[...now].filter((name) => !before.has(name)).map((name) => `${mode}: new finding: ${name}`),
    ...gone.map((name) => `${mode}: finding gone: ${name}`),
  ];
}

function allClasses({ classes, duringRecovery = {} }: ExpectedMode): string[] {
  return [...wordsOf(classes), ...wordsOf(duringRecovery).map((words) => `${words} during recovery`)];
}

function wordsOf(classes: ExpectedClasses): string[] {
  return ASSUMPTIONS.flatMap((assumption) =>
    (classes[assumption] ?? []).map((name) => (assumption === 'cache' ? name : `${name} (${assumption})`)),
  );
}

const shortList = (names: readonly string[]): string => (names.length === 0 ? '' : `: ${names.join(', ')}`);
