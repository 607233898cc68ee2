import { describe, expect, it } from 'vitest';
import { VIOLATION_CLASSES } from '../../src/checks/verdict.ts';
import { StepError } from '../../src/errors.ts';
import { makeReport } from '../../src/report/make-report.ts';
import { REPORT_SCHEMA } from '../../src/report/report-schema.ts';
import { exitStatusOfVerdict, verdictOfRun, verdictOfRuns } from '../../src/report/report.ts';
import { isReport, validateReport } from '../../src/report/validate-report.ts';
import { HELD, report, VIOLATED } from './canned-events.ts';

const UNKNOWN = { ...HELD, states: { ...HELD.states, unknown: 1 } };
const INCOMPLETE = { ...HELD, states: { ...HELD.states, tested: 99 } };

describe('the verdict', () => {
  it('of a run', () => {
    expect(verdictOfRun(HELD)).toBe('ok');
    expect(verdictOfRun({ ...HELD, states: { ...HELD.states, skipped: 5 } })).toBe('ok');
    expect(verdictOfRun(UNKNOWN)).toBe('unknown');
    expect(verdictOfRun(INCOMPLETE)).toBe('unknown');
    expect(verdictOfRun(VIOLATED)).toBe('violated');
    expect(verdictOfRun({ ...VIOLATED, states: { ...VIOLATED.states, tested: 40 } })).toBe('violated');
  });

  it('of a run that tested nothing is unknown, never ok', () => {
    expect(verdictOfRun({ ...HELD, states: { ...HELD.states, distinct: 0, tested: 0 } })).toBe('unknown');
    expect(verdictOfRuns([])).toBe('unknown');
  });

  it('of several runs is the worst', () => {
    expect(verdictOfRuns([HELD, HELD])).toBe('ok');
    expect(verdictOfRuns([HELD, UNKNOWN])).toBe('unknown');
    expect(verdictOfRuns([UNKNOWN, VIOLATED, HELD])).toBe('violated');
  });

  it('has the published exit status', () => {
    expect(['ok', 'violated', 'unknown'].map((verdict) => exitStatusOfVerdict(verdict as 'ok'))).toEqual([0, 1, 2]);
  });
});

describe('makeReport', () => {
  it('puts the first recording at the top', () => {
    const made = report(VIOLATED, HELD);
    expect(made).toMatchObject({ formatVersion: 1, verdict: 'violated', recording: { id: '7f3a' } });
    expect(made.runs.map(({ recording }) => recording?.id)).toEqual(['7f3a', '9c01']);
  });

  it("keeps a recording's folder out", () => {
    const recording = { ...HELD.recording!, folder: '/home/someone' };
    expect(JSON.stringify(report({ ...HELD, recording }))).not.toContain('/home/someone');
  });

  it('makes nothing of nothing', () => {
    expect(() => makeReport({ powercut: '0', node: '0', kernel: '0', runner: '0' }, [])).toThrow(StepError);
  });
});

describe('the schema', () => {
  it('accepts reports, also after a way through JSON', () => {
    for (const made of [report(HELD), report(VIOLATED, HELD), report(INCOMPLETE)]) {
      expect(validateReport(JSON.parse(JSON.stringify(made)))).toEqual([]);
      expect(isReport(made)).toBe(true);
    }
  });

  it('knows every class of violation', () => {
    const { properties } = REPORT_SCHEMA.properties.runs.items.properties.findings.items;
    expect(properties.class.enum).toEqual(VIOLATION_CLASSES);
  });

  it.each([
    [
      'an unknown property',
      { ...report(HELD), extra: 1 },
      'the document must NOT have additional properties ("extra")',
    ],
    ['a missing one', { ...report(HELD), runs: undefined }, "the document must have required property 'runs'"],
    ['another version', { ...report(HELD), formatVersion: 2 }, '/formatVersion must be equal to constant'],
    ['another verdict', { ...report(HELD), verdict: 'fine' }, '/verdict must be equal to one of the allowed values'],
    ['no runs', { ...report(HELD), runs: [] }, '/runs must NOT have fewer than 1 items'],
    [
      'a class that does not exist',
      { ...report(HELD), runs: [{ ...VIOLATED, findings: [{ ...VIOLATED.findings[0], class: 'gone' }] }] },
      '/runs/0/findings/0/class must be equal to one of the allowed values',
    ],
    [
      'a folder',
      { ...report(HELD), recording: { ...HELD.recording!, folder: 'x' } },
      '/recording must NOT have additional properties ("folder")',
    ],
    ['no object', null, 'the document must be object'],
  ])('refuses %s', (_what, document, problem) => {
    const plain: unknown = JSON.parse(JSON.stringify(document));
    expect(validateReport(plain)).toContain(problem);
    expect(isReport(plain)).toBe(false);
  });

  it('leaves room for further facts about the environment', () => {
    const made = report(HELD);
    expect(validateReport({ ...made, environment: { ...made.environment, processors: 2 } })).toEqual([]);
    expect(validateReport({ ...made, environment: { ...made.environment, list: [] } })).toHaveLength(1);
  });

  it('describes every property', () => {
    const undescribed: string[] = [];
    const visit = (schema: Record<string, unknown>, path: string): void => {
      if (schema['description'] === undefined) undescribed.push(path);
      for (const [name, each] of Object.entries(
        (schema['properties'] ?? {}) as Record<string, Record<string, unknown>>,
      )) {
        visit(each, `${path}/${name}`);
      }
      if (schema['items'] !== undefined) visit(schema['items'] as Record<string, unknown>, `${path}/*`);
    };
    visit(REPORT_SCHEMA as unknown as Record<string, unknown>, '');
    expect(undescribed).toEqual([]);
  });
});
