/**
 * Whatever powercut attaches carries its owner's name: `powercut-<boot>-<pid namespace>-<pid>-<start time>`. The start time
 * (clock ticks since boot, proc(5) stat field 22) tells a process from a later one with the same pid; the namespace keeps a
 * container and its host from taking each other's living runs for dead ones, and the boot does the same for machines that
 * share a folder (a guest and its host: the first pid namespace has the same number on every kernel). So `powercut clean`
 * can tell leftovers of the dead from what is in use, with no registry that a kill could leave stale.
 */
import { readFileSync, readlinkSync } from 'node:fs';

const PATTERN = /(?:^|\/)\.?powercut-([0-9a-f]{8})-(\d+)-(\d+)-(\d+)(?:-[A-Za-z0-9]+)?(?=$|\/)/;
const START_TIME_FIELD = 22;

/** Taken when it is first needed: an engine later gives what runs in its namespace another boot id. */
let boot: string | undefined;

/** The name that this process gives to what it attaches. */
export function ownerName(): string {
  return `powercut-${bootName()}-${pidNamespace()}-${process.pid}-${startTime(process.pid) ?? 0}`;
}

/** Whether a name, or some part of a path, is an owner's name of this boot and pid namespace, and that owner is gone. */
export function belongsToTheDead(nameOrPath: string): boolean {
  const owner = parseOwner(nameOrPath);
  return owner !== undefined && isJudgeable(owner) && startTime(owner.pid) !== owner.startTime;
}

/** Whether it is an owner's name of which nobody here can say whether that owner lives: another boot, another namespace. */
export function belongsToStrangers(nameOrPath: string): boolean {
  const owner = parseOwner(nameOrPath);
  return owner !== undefined && !isJudgeable(owner);
}

interface Owner {
  readonly boot: string;
  readonly namespace: string;
  readonly pid: number;
  readonly startTime: string;
}

function parseOwner(nameOrPath: string): Owner | undefined {
  const match = PATTERN.exec(nameOrPath);
  return match ? { boot: match[1]!, namespace: match[2]!, pid: Number(match[3]), startTime: match[4]! } : undefined;
}

const isJudgeable = (owner: Owner): boolean => owner.boot === bootName() && owner.namespace === pidNamespace();

/** The beginning of the kernel's boot id, which is another one after every start. */
function bootName(): string {
  return (boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8));
}

/** The number in `pid:[4026531836]`. */
function pidNamespace(): string {
  return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))![0];
}

/** @returns undefined for a process that is gone, which one that ended and was never collected by its parent is as well */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses and may hold blanks; count from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return 'ZX'.includes(fields[0]!) ? undefined : fields[START_TIME_FIELD - 3];
  } catch {
    return undefined;
  }
}
