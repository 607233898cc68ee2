/**
 * Whatever powercut attaches carries its owner's name: `powercut-<pid namespace>-<pid>-<start time>`. The start time (clock
 * ticks since boot, proc(5) stat field 22) tells a process from a later one with the same pid; the namespace keeps a
 * container and its host from taking each other's living runs for dead ones. So `powercut clean` can tell leftovers of the
 * dead from what is in use, with no registry that a kill could leave stale.
 */
import { readFileSync, readlinkSync } from 'node:fs';

const PATTERN = /(?:^|\/)\.?powercut-(\d+)-(\d+)-(\d+)(?:-[A-Za-z0-9]+)?(?=$|\/)/;
const START_TIME_FIELD = 22;

/** The name that this process gives to what it attaches. */
export function ownerName(): string {
  return `powercut-${pidNamespace()}-${process.pid}-${startTime(process.pid) ?? 0}`;
}

/** Whether a name, or some part of a path, is an owner's name of this pid namespace, and that owner is gone. */
export function belongsToTheDead(nameOrPath: string): boolean {
  const match = PATTERN.exec(nameOrPath);
  if (!match || match[1] !== pidNamespace()) return false;
  return startTime(Number(match[2])) !== match[3];
}

/** The number in `pid:[4026531836]`. */
function pidNamespace(): string {
  return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))![0];
}

function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses and may hold blanks; count from behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TIME_FIELD - 3];
  } catch {
    return undefined;
  }
}
