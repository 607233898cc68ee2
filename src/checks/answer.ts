/**
 * What the answer of a function means, where a command could stand. It returns nothing when all is well, and the line that
 * a command would print when it is not. What throws, or does not end in time, judges as a command that failed would: a
 * check has judged nothing, a store that neither recovers nor tells what it holds did not open.
 */
import { oneLine } from '../one-line.ts';
import { statedViolation, NAMED_CLASSES } from './outcome.ts';
import type { Verdict } from './verdict.ts';

/** How a call ended. */
export type Answer =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly message: string }
  | { readonly kind: 'late'; readonly timeoutMs: number };

const OK: Verdict = { kind: 'ok' };
const A_CLASS = `a class (${Object.keys(NAMED_CLASSES).join(', ')}) and a colon`;

/** The verdict of a check that is a function. */
export function checkAnswerVerdict(answer: Answer): Verdict {
  if (answer.kind !== 'returned') return { kind: 'unknown', reason: howItFailed('the check', answer) };
  const { value } = answer;
  if (meansNothing(value)) return OK;
  const said = textOf(value);
  const message = `the check answered "${oneLine(said)}" instead of nothing, or ${A_CLASS}`;
  return statedViolation(said, 'check') ?? violated('unstated', 'check', message);
}

/** The verdict of a recovery that is a function; of a dump that is one, too, where it did not tell what the store holds. */
export function recoverAnswerVerdict(answer: Answer, phase: 'recover' | 'dump' = 'recover'): Verdict {
  if (answer.kind !== 'returned') return violated('wont-open', 'store-opens', howItFailed(phase, answer));
  const { value } = answer;
  if (phase === 'recover' && meansNothing(value)) return OK;
  const said = textOf(value);
  // Somebody may have meant no answer by it: `recover: ({ dir }) => openStore(dir)`.
  if (typeof value !== 'string') {
    const wanted = phase === 'dump' ? 'entries' : 'nothing';
    return { kind: 'unknown', reason: `${phase} answered ${oneLine(said)} instead of ${wanted}, or ${A_CLASS}` };
  }
  const message = `${phase} answered "${oneLine(said)}"`;
  return statedViolation(said, 'store-opens') ?? violated('wont-open', 'store-opens', message);
}

const meansNothing = (value: unknown): boolean => value === undefined || value === null || value === true;

function howItFailed(who: string, answer: Exclude<Answer, { kind: 'returned' }>): string {
  if (answer.kind === 'threw') return `${who} threw: ${oneLine(answer.message)}`;
  return `${who} was still running at its limit of ${answer.timeoutMs / 1000} s`;
}

/** What was returned may have no JSON: a function, a circle, a bigint. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? typeof value;
  } catch {
    return typeof value;
  }
}

function violated(violationClass: 'unstated' | 'wont-open', invariant: string, message: string): Verdict {
  return { kind: 'violated', class: violationClass, blamed: 'store', invariant, message };
}
