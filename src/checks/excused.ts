/**
 * What a faulty device excuses. A rotten bit: nobody can bring back what a disk has lost, so a store may refuse to open, or come
 * back with less, and a file system may complain. What it must not do is pass something wrong off as right. A deletion is among
 * what may be lost: a log that is cut at its bad record shows the value before it, as it does after a lost put. A write that
 * failed: a file system writes down that it has met an error, and complains of that at the next mount, as it should. It must
 * still mount; and the store was told, so nothing excuses it.
 */
import { worse, type Assumption, type Verdict, type ViolationClass } from './verdict.ts';

const EXCUSED: Readonly<Partial<Record<Assumption, ReadonlySet<ViolationClass>>>> = {
  'bit-rot': new Set(['lost', 'reordered', 'ghost', 'wont-open', 'unmountable', 'fsck', 'kernel']),
  'io-error': new Set(['fsck', 'kernel']),
};

/** Whether this verdict is a violation that counts for nothing on such a device. */
export function isExcused(verdict: Verdict, assumption: Assumption): boolean {
  return verdict.kind === 'violated' && EXCUSED[assumption]?.has(verdict.class) === true;
}

/** As `worse`, but an excused violation hides nothing that is none. */
export function worseUnder(assumption: Assumption): (left: Verdict, right: Verdict) => Verdict {
  return (left, right) => {
    if (isExcused(left, assumption) && right.kind !== 'ok') return right;
    if (isExcused(right, assumption) && left.kind !== 'ok') return left;
    return worse(left, right);
  };
}
