/**
 * What a rotten bit excuses. Nobody can bring back what a disk has lost: so a store may refuse to open, or come back with
 * less, and a file system may complain. What it must not do is pass something wrong off as right. A deletion is among what
 * may be lost: a log that is cut at its bad record shows the value before it, as it does after a lost put.
 */
import { worse, type Assumption, type Verdict, type ViolationClass } from './verdict.ts';

const EXCUSED: ReadonlySet<ViolationClass> = new Set([
  'lost',
  'reordered',
  'ghost',
  'wont-open',
  'unmountable',
  'fsck',
  'kernel',
]);

/** Whether this verdict is a violation that counts for nothing on such a device. */
export function isExcused(verdict: Verdict, assumption: Assumption): boolean {
  return assumption === 'bit-rot' && verdict.kind === 'violated' && EXCUSED.has(verdict.class);
}

/** As `worse`, but an excused violation hides nothing that is none. */
export function worseUnder(assumption: Assumption): (left: Verdict, right: Verdict) => Verdict {
  return (left, right) => {
    if (isExcused(left, assumption) && right.kind !== 'ok') return right;
    if (isExcused(right, assumption) && left.kind !== 'ok') return left;
    return worse(left, right);
  };
}
