/**
 * Verdicts on the file system, kept apart from the store's: it mounts, its own checker finds nothing after journal
 * recovery, and the kernel says nothing of damage meanwhile.
 */
import { lastLines, oneLine } from '../one-line.ts';
import type { BadVerdict, Verdict, ViolationClass } from './verdict.ts';

const OK: Verdict = { kind: 'ok' };
const TAIL_LINES = 4;

/**
 * Errors of mount(2) that speak of this machine: no memory, no rights, no such file system, a device that is taken or
 * gone. None of them says anything about the disk. EEXIST is btrfs's word for a twin that is mounted elsewhere.
 */
const MACHINE_ERRORS = [
  'ENOMEM',
  'EPERM',
  'EACCES',
  'ENODEV',
  'ENOTBLK',
  'ENXIO',
  'EBUSY',
  'EEXIST',
  'EMFILE',
  'ENFILE',
  'EINTR',
  'EAGAIN',
];

/**
 * The verdict when the kernel refused to mount a crash state.
 * @param failure the errno's name, such as `EUCLEAN`, or any other text
 * @param kernelLines what the kernel's log said about the device meanwhile
 */
export function mountVerdict(failure: string, kernelLines: readonly string[]): BadVerdict {
  const message = `mounting failed with ${oneLine(failure)}${quoteLines(kernelLines)}`;
  const isErrno = /^E[A-Z0-9]+$/.test(failure);
  if (!isErrno || MACHINE_ERRORS.includes(failure)) return { kind: 'unknown', reason: message };
  return violation('unmountable', 'mounts', message);
}

/**
 * The verdict of the file system's own checker.
 * @param outcome what the file system's description makes of its end
 * @param argv the checker's command, for the message
 * @param output all that it printed
 * @param invariant whether it was to find a recovered state clean, or to repair one so that it can be mounted
 */
export function fsckVerdict(
  outcome: 'clean' | 'damaged' | 'could-not-tell',
  argv: readonly string[],
  exitStatus: number,
  output: string,
  invariant: 'fsck-clean' | 'fsck-repairs' = 'fsck-clean',
): Verdict {
  if (outcome === 'clean') return OK;
  const said = tellingLines(output);
  const message = `${argv.join(' ')} exited with status ${exitStatus}${said === '' ? '' : `: ${said}`}`;
  return outcome === 'damaged' ? violation('fsck', invariant, message) : { kind: 'unknown', reason: message };
}

/**
 * @param damageLines the lines of the kernel's log that mean damage; none is a quiet kernel
 * @param anybodys lines that mean damage and may be about a state that was tried elsewhere at that moment
 */
export function kernelVerdict(damageLines: readonly string[], anybodys: readonly string[] = []): Verdict {
  if (damageLines.length > 0) return violation('kernel', 'kernel-quiet', firstOf(damageLines));
  if (anybodys.length === 0) return OK;
  const what = `the kernel said: ${firstOf(anybodys)}`;
  const why = 'it names no device, and other states were being tried on this kernel at that moment';
  return { kind: 'unknown', reason: `${what}; ${why}. Try this state alone, with --state and --workers 1` };
}

function firstOf([first = '', ...others]: readonly string[]): string {
  return `${oneLine(first)}${others.length === 0 ? '' : ` (and ${others.length} more)`}`;
}

function violation(violationClass: ViolationClass, invariant: string, message: string): BadVerdict {
  return { kind: 'violated', class: violationClass, blamed: 'filesystem', invariant, message };
}

/** A checker ends with statistics; what it found stands further up, in lines that these words give away. */
function tellingLines(output: string): string {
  const telling = output
    .split('\n')
    .filter((line) =>
      /\? (?:no|yes)$|error|bad |would |corrupt|invalid|mismatch|wrong|illegal|incorrect/i.test(line.trimEnd()),
    );
  return telling.length === 0 ? lastLines(output, TAIL_LINES) : oneLine(telling.slice(0, TAIL_LINES).join('\n'));
}

function quoteLines(lines: readonly string[]): string {
  const quoted = lastLines(lines.join('\n'), TAIL_LINES);
  return quoted === '' ? '' : `; the kernel said: ${quoted}`;
}
