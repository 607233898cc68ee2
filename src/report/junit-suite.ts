/**
 * One run as a JUnit test suite: a test case for each invariant, so that names stay the same from run to run, and one for
 * whether all states were judged. Never one for each crash state: there are thousands, and no history of them.
 */
import type { Finding } from '../checks/finding.ts';
import { oneLine } from '../one-line.ts';
import type { ReportEnvironment, RunReport } from './report.ts';
import { explainFinding, gapsIn, nameOfRun } from './run-words.ts';
import { element } from './xml.ts';

export interface TestSuite {
  readonly name: string;
  /** ISO 8601 in UTC, to the second and without a zone, which the usual schema does not allow. */
  readonly timestamp: string;
  readonly properties: Readonly<Record<string, string | number>>;
  readonly durationMs: number;
  readonly cases: readonly TestCase[];
}

export interface TestCase {
  readonly name: string;
  /** Absent: it passed. */
  readonly outcome?: {
    /** A failure is a verdict; an error is that there is none. */
    readonly kind: 'failure' | 'error';
    readonly type: string;
    readonly message: string;
    readonly detail: string;
  };
}

export function suiteOfRun(run: RunReport, environment: ReportEnvironment, timestamp: string): TestSuite {
  const { filesystem, recording, strategies, states, timing } = run;
  return {
    name: nameOfRun(run),
    timestamp,
    properties: {
      ...environment,
      filesystem,
      ...(recording && { recording: recording.id }),
      strategies: strategies.join(','),
      ...Object.fromEntries(Object.entries(states).map(([name, count]) => [`states.${name}`, count])),
    },
    durationMs: timing.recordMs + timing.replayMs,
    cases: [...invariantCases(run), judgedCase(run)],
  };
}

function invariantCases({ invariants = [], findings }: RunReport): TestCase[] {
  const names = new Set([...invariants, ...findings.map(({ invariant }) => invariant)]);
  return [...names].map((name) => {
    const violated = findings.filter(({ invariant }) => invariant === name);
    return { name, ...(violated.length > 0 && { outcome: failure(violated) }) };
  });
}

function failure(findings: readonly Finding[]): NonNullable<TestCase['outcome']> {
  const [first, ...others] = findings as readonly [Finding, ...Finding[]];
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return {
    kind: 'failure',
    type: first.class,
    message: `${first.class}: ${oneLine(first.message)}${more}`,
    detail: findings.map((finding) => explainFinding(finding).join('\n')).join('\n\n'),
  };
}

/** Whether the suite's word is about all states. */
function judgedCase(run: RunReport): TestCase {
  const name = 'every-state-judged';
  const gaps = gapsIn([run]);
  if (gaps.length === 0) return { name };
  const reasons = (run.unknowns ?? []).map(({ reason, state, states }) => `${states} x ${oneLine(reason)} (${state})`);
  const message = gaps.join('; ');
  return { name, outcome: { kind: 'error', type: 'unknown', message, detail: [message, ...reasons].join('\n') } };
}

/** The run that ended without a verdict, as a suite of its own. */
export function suiteOfFailure(message: string, timestamp: string): TestSuite {
  const [first = ''] = message.split('\n');
  const outcome = { kind: 'error', type: 'run-failed', message: first, detail: message } as const;
  return { name: 'powercut', timestamp, properties: {}, durationMs: 0, cases: [{ name: 'run', outcome }] };
}

/** In the order and with the attributes that the schemas of Ant (windyroad) and of Jenkins (junit-10.xsd) both take. */
export function renderSuite(suite: TestSuite, id: number): string[] {
  const { name, timestamp, properties, durationMs, cases } = suite;
  const count = (kind: string): number => cases.filter(({ outcome }) => outcome?.kind === kind).length;
  const attributes = {
    name,
    package: 'powercut',
    id,
    timestamp,
    hostname: 'localhost',
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    time: (durationMs / 1000).toFixed(3),
  };
  return element('testsuite', attributes, [
    ...element(
      'properties',
      {},
      Object.entries(properties).flatMap(([key, value]) => element('property', { name: key, value })),
    ),
    ...cases.flatMap((testCase) => renderCase(testCase, name)),
    ...element('system-out', {}),
    ...element('system-err', {}),
  ]);
}

function renderCase({ name, outcome }: TestCase, suite: string): string[] {
  const content = outcome
    ? element(outcome.kind, { type: outcome.type, message: outcome.message }, outcome.detail)
    : [];
  // All invariants are looked at together, on each state: no case has a time of its own.
  return element('testcase', { name, classname: `powercut.${suite}`, time: 0 }, content);
}
