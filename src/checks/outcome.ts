/**
 * What the end of a user's command means. Exit 0: the invariant holds. Exit 1: it is violated, and the first line of
 * standard output names the class, then a colon and detail. Anything else, a signal or a time-out: a store that did not
 * open when `recover` ended so, and no verdict at all when `check` did, for a check that crashed has judged nothing.
 */
import type { CommandRun } from '../stores/store.ts';
import { lastLines, oneLine } from '../one-line.ts';
import type { Verdict, ViolationClass } from './verdict.ts';

const HOLDS = 0;
const VIOLATED = 1;
const TAIL_LINES = 4;

/** What a check may name, and how it is reported. */
export const NAMED_CLASSES: Readonly<Record<string, ViolationClass>> = {
  lost: 'lost',
  torn: 'torn',
  reordered: 'reordered',
  gap: 'reordered',
  corrupt: 'corrupt',
  ghost: 'ghost',
  phantom: 'phantom',
};

/** The verdict of a user's `check` command. */
export function checkVerdict(run: CommandRun): Verdict {
  if (exitedWith(run, HOLDS)) return { kind: 'ok' };
  if (!exitedWith(run, VIOLATED)) return { kind: 'unknown', reason: `the check ${howItEnded(run)}${errorTail(run)}` };
  return statedViolation(run.stdout, 'check') ?? { ...violation('unstated', 'check'), message: unstatedMessage(run) };
}

/**
 * The verdict of a user's `recover` or `dump` command. Exit 1 without a class means what every other failure of it means:
 * the store did not open.
 */
export function recoverVerdict(run: CommandRun, command: 'recover' | 'dump' = 'recover'): Verdict {
  if (exitedWith(run, HOLDS)) return { kind: 'ok' };
  // Nothing ended, so nothing was said about the store: the command itself could not be run.
  if (run.exitStatus === null && run.signal === null && !run.timedOut) {
    return { kind: 'unknown', reason: `${command} ${howItEnded(run)}${errorTail(run)}` };
  }
  const stated = exitedWith(run, VIOLATED) ? statedViolation(run.stdout, 'store-opens') : undefined;
  return (
    stated ?? { ...violation('wont-open', 'store-opens'), message: `${command} ${howItEnded(run)}${errorTail(run)}` }
  );
}

/** A command that was killed at its limit may still have left a status; that one is not its own. */
function exitedWith(run: CommandRun, status: number): boolean {
  return run.exitStatus === status && run.signal === null && !run.timedOut;
}

/** What a first line says, when it names a class. */
export function statedViolation(said: string, invariant: string): Verdict | undefined {
  const match = /^([a-z]+)\s*(?::(.*))?$/i.exec(firstLine(said));
  const name = match?.[1]?.toLowerCase() ?? '';
  if (!Object.hasOwn(NAMED_CLASSES, name)) return undefined;
  const detail = oneLine(match?.[2] ?? '');
  const message = detail === '' ? `${name}, without detail` : detail;
  return { ...violation(NAMED_CLASSES[name]!, invariant), message };
}

function violation(violationClass: ViolationClass, invariant: string) {
  return { kind: 'violated', class: violationClass, blamed: 'store', invariant } as const;
}

function unstatedMessage(run: CommandRun): string {
  const said = firstLine(run.stdout);
  const names = Object.keys(NAMED_CLASSES).join(', ');
  const what = said === '' ? 'printed nothing' : `began with "${oneLine(said)}"`;
  return `the check exited with status 1, but its output ${what} instead of a class (${names}) and a colon${errorTail(run)}`;
}

function firstLine(output: string): string {
  return output.trimStart().split('\n', 1)[0]!.trim();
}

/** For a message: how a command ended, as the rest of a sentence about it. */
export function howItEnded(run: CommandRun): string {
  if (run.timedOut) return `was still running at its limit of ${run.timeoutMs / 1000} s and was stopped`;
  if (run.signal !== null) return `was ended by ${run.signal}`;
  if (run.exitStatus !== null) return `exited with status ${run.exitStatus}`;
  return 'could not be run';
}

/** For a message: the end of what it said on standard error, if anything. */
export function errorTail(run: CommandRun): string {
  const tail = lastLines(run.stderr, TAIL_LINES);
  return tail === '' ? '' : `; its standard error ended with: ${tail}`;
}
