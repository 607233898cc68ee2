import { describe, expect, it } from 'vitest';
import { checkAnswerVerdict, recoverAnswerVerdict, type Answer } from '../../src/checks/answer.ts';

const returned = (value: unknown): Answer => ({ kind: 'returned', value });
const threw: Answer = { kind: 'threw', message: 'page 7\nis bad' };
const late: Answer = { kind: 'late', timeoutMs: 1500 };
const circle: Record<string, unknown> = {};
circle['self'] = circle;

describe('a check that is a function', () => {
  it.each([undefined, null, true])('holds when it answers %j', (value) => {
    expect(checkAnswerVerdict(returned(value))).toEqual({ kind: 'ok' });
  });

  it.each([
    ['lost: acked 2, recovered 1', 'lost', 'acked 2, recovered 1'],
    ['gap: 1 is missing', 'reordered', '1 is missing'],
  ])('is violated when it answers %j', (answer, violationClass, message) => {
    const expected = { kind: 'violated', class: violationClass, blamed: 'store', invariant: 'check', message };
    expect(checkAnswerVerdict(returned(answer))).toEqual(expected);
  });

  it.each(['something else', false, 7, {}, circle, () => 1])('does not guess a class for %s', (answer) => {
    expect(checkAnswerVerdict(returned(answer))).toMatchObject({ kind: 'violated', class: 'unstated' });
  });

  it('has judged nothing when it throws, or does not end in time', () => {
    expect(checkAnswerVerdict(threw)).toEqual({ kind: 'unknown', reason: 'the check threw: page 7 | is bad' });
    const reason = 'the check was still running at its limit of 1.5 s';
    expect(checkAnswerVerdict(late)).toEqual({ kind: 'unknown', reason });
  });
});

describe.each(['recover', 'dump'] as const)('a %s that is a function', (phase) => {
  const wontOpen = { kind: 'violated', class: 'wont-open', blamed: 'store', invariant: 'store-opens' };

  it('did not open the store when it throws, or does not end in time', () => {
    expect(recoverAnswerVerdict(threw, phase)).toEqual({ ...wontOpen, message: `${phase} threw: page 7 | is bad` });
    const message = `${phase} was still running at its limit of 1.5 s`;
    expect(recoverAnswerVerdict(late, phase)).toEqual({ ...wontOpen, message });
  });

  it('may name what it found, and a text without a class is its failure', () => {
    expect(recoverAnswerVerdict(returned('corrupt: page 7'), phase)).toMatchObject({
      class: 'corrupt',
      message: 'page 7',
    });
    expect(recoverAnswerVerdict(returned('lots: 7'), phase)).toEqual({
      ...wontOpen,
      message: `${phase} answered "lots: 7"`,
    });
  });

  it.each([false, 7, circle])('accuses nobody for the answer %s', (answer) => {
    expect(recoverAnswerVerdict(returned(answer), phase)).toMatchObject({ kind: 'unknown' });
  });
});

describe('an answer of nothing', () => {
  it('is a recovery that went well, and no dump', () => {
    expect(recoverAnswerVerdict(returned(undefined))).toEqual({ kind: 'ok' });
    expect(recoverAnswerVerdict(returned(undefined), 'dump')).toMatchObject({
      kind: 'unknown',
      reason: expect.stringMatching(/^dump answered undefined instead of entries, or a class \(lost, /),
    });
  });
});
