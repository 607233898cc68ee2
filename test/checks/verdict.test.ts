import { describe, expect, it } from 'vitest';
import { VIOLATION_CLASSES, worse, type Verdict } from '../../src/checks/verdict.ts';

const ok: Verdict = { kind: 'ok' };
const unknown: Verdict = { kind: 'unknown', reason: 'no' };
const violated: Verdict = { kind: 'violated', class: 'lost', blamed: 'store', invariant: 'check', message: 'x' };

describe('worse', () => {
  it('ranks violated above unknown above ok', () => {
    expect(worse(ok, unknown)).toBe(unknown);
    expect(worse(unknown, ok)).toBe(unknown);
    expect(worse(unknown, violated)).toBe(violated);
    expect(worse(violated, unknown)).toBe(violated);
    expect(worse(ok, violated)).toBe(violated);
  });

  it('keeps the first of two equals', () => {
    const other: Verdict = { ...violated, class: 'torn' };
    expect(worse(violated, other)).toBe(violated);
  });
});

describe('the classes', () => {
  it('are a published contract', () => {
    expect(VIOLATION_CLASSES).toEqual([
      'lost',
      'torn',
      'reordered',
      'corrupt',
      'ghost',
      'phantom',
      'unstated',
      'unstable',
      'wont-open',
      'unmountable',
      'fsck',
      'kernel',
    ]);
  });
});
