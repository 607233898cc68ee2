/**
 * The whole space, twice: once as strategies propose it, once written down from the rules, with no code of the planner's.
 * A disk is told by which sectors of which entries are on it.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NewLogEntry } from '../../src/dmlog/new-entry.ts';
import type { CrashState } from '../../src/replay/crash-state.ts';
import { overlayOf } from '../../src/replay/overlay.ts';
import { stateIn } from '../../src/replay/crash-space.ts';
import { inFlight } from '../../src/replay/strategies/in-flight.ts';
import { torn } from '../../src/replay/strategies/torn.ts';
import { apply, baseDisk, foreignLog, kernelLog, makeLog, overlaid } from '../replay/any-log.ts';
import { spacesOf, subsets } from '../replay/every-state.ts';

const [FLUSH, FUA, DISCARD, MARK] = [1, 2, 4, 8];
/** Beyond so many sectors in flight, a log is passed over: it has too many torn disks to list. */
const SECTORS_MAX = 8;

interface Cut {
  /** Entries that are there for sure: those before this one. */
  readonly before: number;
  /** The entries that may be there or not. */
  readonly open: readonly number[];
}

const lengthOf = ({ data, sectorCount = 0 }: NewLogEntry): number => (data ? data.length / 512 : sectorCount);
const isWrite = (entry: NewLogEntry): boolean => !(entry.flags & MARK!) && lengthOf(entry) > 0;

/** Rule 2: before a flush, any subset of the plain writes right before it; a flush with data ends one group, and begins one. */
function groups(entries: readonly NewLogEntry[]): Cut[] {
  const cuts: Cut[] = [];
  let group: number[] = [];
  let isMarked = false;
  const close = (): void => {
    if (group.length > 0) cuts.push({ before: group[0]!, open: group });
    group = [];
  };
  entries.forEach((entry, at) => {
    if (entry.flags & FLUSH!) {
      close();
      // Its own write is plain; strategies take it to be there, which leaves disks out and makes none up.
      return;
    }
    if (entry.flags & MARK!) isMarked = true;
    else if (entry.flags & FUA! && isWrite(entry)) group = [];
    else if (isWrite(entry)) {
      // What stands before a mark is not right before the flush.
      group = isMarked ? [at] : [...group, at];
      isMarked = false;
    }
  });
  close();
  return cuts;
}

/** Rule 3: before a FUA write with data, the prefix before it, and any of its blocks. */
const fuaWrites = (entries: readonly NewLogEntry[]): Cut[] =>
  entries.flatMap((entry, at) => (entry.flags & FUA! && isWrite(entry) ? [{ before: at, open: [at] }] : []));

/** `entry` or `entry.sector` of all that is there, sorted. */
type Disk = string;

function subsetsOf<T>(things: readonly T[]): T[][] {
  const [first, ...rest] = things;
  if (first === undefined) return [[]];
  return subsetsOf(rest).flatMap((subset) => [subset, [first, ...subset]]);
}

const sectorsOf = (entries: readonly NewLogEntry[], at: number): string[] =>
  Array.from({ length: lengthOf(entries[at]!) }, (_, i) => `${at}.${i}`);

function wholeDisks(entries: readonly NewLogEntry[], { before, open }: Cut): Disk[] {
  const sure = entries.slice(0, before).flatMap((_, at) => (isWrite(entries[at]!) ? [at] : []));
  return subsetsOf(open).map((there) =>
    [...sure, ...there]
      .flatMap((at) => sectorsOf(entries, at))
      .sort()
      .join(' '),
  );
}

/** Blocks of a write one by one; a discard is done or not. */
function tornDisks(entries: readonly NewLogEntry[], { before, open }: Cut): Disk[] {
  const sure = entries.slice(0, before).flatMap((entry, at) => (isWrite(entry) ? sectorsOf(entries, at) : []));
  const parts = open.flatMap((at) =>
    entries[at]!.flags & DISCARD! ? [sectorsOf(entries, at)] : sectorsOf(entries, at).map((sector) => [sector]),
  );
  return subsetsOf(parts).map((there) => [...sure, ...there.flat()].sort().join(' '));
}

/** What a state says that is there, read off its parts. */
function diskOfState(entries: readonly NewLogEntry[], { crashPoint, survivors = [] }: CrashState): Disk {
  const sure = entries
    .slice(0, (crashPoint ?? -1) + 1)
    .flatMap((entry, at) => (isWrite(entry) ? sectorsOf(entries, at) : []));
  const rest = survivors.flatMap(({ entry, sectors }) => {
    const isIn = (i: number): boolean => !sectors || sectors.some(({ first, last }) => first <= i && i <= last);
    return sectorsOf(entries, entry).filter((_, i) => isIn(i));
  });
  return [...sure, ...rest].sort().join(' ');
}

function contentOf(entries: readonly NewLogEntry[], disk: Disk): string {
  const [log, content] = [makeLog(entries), baseDisk()];
  const there = new Set(disk.split(' '));
  entries.forEach((_, at) => {
    const sectors = sectorsOf(entries, at).flatMap((name, i) => (there.has(name) ? [i] : []));
    apply(content, log, at, sectors);
  });
  return content.toString('latin1');
}

const smallLog = fc
  .oneof(kernelLog(3, 2), foreignLog(8, 2))
  .filter((entries) => entries.length <= 8)
  .filter((entries) => {
    const sectorsIn = (cut: Cut): number => cut.open.reduce((sum, at) => sum + Math.min(lengthOf(entries[at]!), 12), 0);
    return [...groups(entries), ...fuaWrites(entries)].every((cut) => sectorsIn(cut) <= SECTORS_MAX * 2);
  });

const sorted = (values: Iterable<string>): string[] => [...new Set(values)].sort();

describe('a plan against brute force', () => {
  it('--in-flight is every subset of every group, and nothing else', () => {
    let disks = 0;
    const equal = fc.property(smallLog, (entries) => {
      const log = makeLog(entries);
      const spaces = spacesOf(inFlight, 1, log.index);
      const cuts = groups(entries);
      expect(spaces.map(({ anchor }) => (anchor ?? -1) + 1)).toEqual(cuts.map(({ before }) => before));
      spaces.forEach((space, i) => {
        const states = subsets(space.atoms.length).map((subset) => stateIn(log.index, space, subset));
        const proposed = states.map((state) => diskOfState(entries, state));
        const allowed = wholeDisks(entries, cuts[i]!);
        expect(new Set(proposed).size).toBe(proposed.length);
        expect(sorted(proposed)).toEqual(sorted(allowed));
        disks += proposed.length;
        states.forEach((state, at) => {
          const overlay = overlayOf(log.index, new Map(), state, space.anchor);
          expect(overlaid(log, space.anchor, overlay).toString('latin1')).toBe(contentOf(entries, proposed[at]!));
        });
      });
    });
    fc.assert(equal, { numRuns: 150 });
    expect(disks).toBeGreaterThan(500);
  });

  it('--torn is disks with blocks of the writes in flight, and nothing else', () => {
    const contained = fc.property(smallLog, (entries) => {
      const log = makeLog(entries);
      const allowed = new Set([...groups(entries), ...fuaWrites(entries)].flatMap((cut) => tornDisks(entries, cut)));
      for (const space of spacesOf(torn, 512, log.index)) {
        for (const subset of subsets(Math.min(space.atoms.length, 9))) {
          const disk = diskOfState(entries, stateIn(log.index, space, subset));
          expect(allowed.has(disk), disk).toBe(true);
        }
      }
    });
    fc.assert(contained, { numRuns: 60 });
  });
});
