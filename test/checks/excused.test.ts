import { describe, expect, it } from 'vitest';
import { isExcused, worseUnder } from '../../src/checks/excused.ts';
import { judgeAll } from '../../src/checks/invariants/registry.ts';
import { Oracle } from '../../src/checks/oracle/oracle.ts';
import { ASSUMPTIONS, VIOLATION_CLASSES, type Verdict, type ViolationClass } from '../../src/checks/verdict.ts';
import { parseDurability } from '../../src/stores/durability.ts';
import { parseHistory } from '../../src/stores/history.ts';

const violated = (name: ViolationClass): Verdict => ({
  kind: 'violated',
  class: name,
  blamed: 'store',
  invariant: 'check',
  message: name,
});
const OK: Verdict = { kind: 'ok' };
const UNKNOWN: Verdict = { kind: 'unknown', reason: '?' };

describe('bit rot', () => {
  it('excuses what is less than was there, and whoever complains; nothing that is wrong', () => {
    const held = VIOLATION_CLASSES.filter((name) => isExcused(violated(name), 'bit-rot'));
    expect(held).toEqual(['lost', 'reordered', 'ghost', 'wont-open', 'unmountable', 'fsck', 'kernel']);
    expect([isExcused(OK, 'bit-rot'), isExcused(UNKNOWN, 'bit-rot')]).toEqual([false, false]);
  });

  it.each(ASSUMPTIONS.filter((assumption) => !['bit-rot', 'io-error'].includes(assumption)))(
    '%s excuses nothing',
    (assumption) => {
      for (const name of VIOLATION_CLASSES) expect(isExcused(violated(name), assumption)).toBe(false);
    },
  );

  it('is more of an excuse than a failed write, of which a file system may complain, and no more', () => {
    const held = VIOLATION_CLASSES.filter((name) => isExcused(violated(name), 'io-error'));
    expect(held).toEqual(['fsck', 'kernel']);
  });

  it('what is excused hides nothing that is not, whichever comes first', () => {
    const worst = worseUnder('bit-rot');
    for (const other of [violated('phantom'), UNKNOWN]) {
      expect(worst(violated('lost'), other)).toEqual(other);
      expect(worst(other, violated('lost'))).toEqual(other);
    }
    expect(worst(violated('lost'), OK)).toEqual(violated('lost'));
    expect(worst(OK, violated('lost'))).toEqual(violated('lost'));
    expect(worseUnder('cache')(violated('lost'), violated('ghost'))).toEqual(violated('lost'));
  });
});

describe('a history of a rotten disk', () => {
  const HISTORY = `
{"type":"invoke","id":1,"op":"put","key":"gone","value":"a"}
{"type":"ok","id":1}
{"type":"invoke","id":2,"op":"put","key":"back","value":"b"}
{"type":"ok","id":2}
{"type":"invoke","id":3,"op":"delete","key":"back"}
{"type":"ok","id":3}
`;
  const oracle = new Oracle(parseHistory(HISTORY), parseDurability([]));
  const classOf = (assumption: 'cache' | 'bit-rot', found: Record<string, string>): string => {
    const entries = new Map(Object.entries(found));
    const { verdict } = oracle.judge({ kind: 'opened', entries }, 5, undefined, assumption);
    return verdict.kind === 'violated' ? verdict.class : verdict.kind;
  };

  it('tells of a wrong value beside the loss', () => {
    expect(isExcused(violated(classOf('bit-rot', { back: 'z' }) as ViolationClass), 'bit-rot')).toBe(false);
    // The value before a deletion that was lost is no wrong one.
    expect(isExcused(violated(classOf('bit-rot', { gone: 'a', back: 'b' }) as ViolationClass), 'bit-rot')).toBe(true);
    expect(classOf('bit-rot', {})).toBe('lost');
    expect(classOf('bit-rot', { gone: 'x' })).not.toBe('lost');
  });

  it('is judged like any other without an assumption', () => {
    expect(judgeAll({ recovered: { kind: 'opened', entries: new Map() } })).toEqual(OK);
  });
});
