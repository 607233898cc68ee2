/**
 * What a power cut decides about one by one: a write in flight, or one block of it. The order of atoms is the log's, so of
 * two that overlap the later one is on top.
 */
import type { LogIndex } from '../dmlog/log-index.ts';
import { isDiscard, isMark } from '../dmlog/entry-role.ts';
import { entryIndex, type EntryIndex } from '../units.ts';
import type { SectorSpan, Survivor } from './crash-state.ts';

export interface Atom {
  readonly entry: EntryIndex;
  /** Which of the entry's sectors; absent: all of it. */
  readonly span?: SectorSpan;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** The entries from `first` up to but not including `end`, each whole. Marks and empty writes are none. */
export function wholeWrites(index: LogIndex, first: number, end: number): Atom[] {
  const atoms: Atom[] = [];
  for (let entry = first; entry < end; entry++) {
    if (!isMark(index.flags[entry]!) && index.sectorCounts[entry]! > 0) atoms.push(wholeWrite(index, entry));
  }
  return atoms;
}

function wholeWrite({ sectors, sectorCounts, sectorBytes }: LogIndex, entry: number): Atom {
  return {
    entry: entryIndex(entry),
    offsetBytes: sectors[entry]! * sectorBytes,
    lengthBytes: sectorCounts[entry]! * sectorBytes,
  };
}

/**
 * Cuts a write where a disk may: at multiples of the unit on the disk, since that is where its blocks end. A discard is
 * not cut: what it leaves in place and what not says the disk, block by block, and no store can rely on either.
 * @param unitSectors the disk's block in log sectors
 */
export function tornWrite(index: LogIndex, whole: Atom, unitSectors: number): Atom[] {
  if (isDiscard(index.flags[whole.entry]!)) return [whole];
  const start = index.sectors[whole.entry]!;
  const end = start + index.sectorCounts[whole.entry]!;
  const parts: Atom[] = [];
  for (let at = start; at < end;) {
    const next = Math.min(end, (Math.floor(at / unitSectors) + 1) * unitSectors);
    parts.push({
      entry: whole.entry,
      span: { first: at - start, last: next - 1 - start },
      offsetBytes: at * index.sectorBytes,
      lengthBytes: (next - at) * index.sectorBytes,
    });
    at = next;
  }
  return parts.length > 1 ? parts : [whole];
}

/** Which atoms are on the disk, as the survivors of a crash state. All blocks of a write together are the whole write. */
export function survivorsOf(index: LogIndex, atoms: readonly Atom[]): Survivor[] {
  const survivors: { entry: EntryIndex; sectors?: SectorSpan[] }[] = [];
  for (const { entry, span } of atoms) {
    const last = survivors.at(-1);
    if (span === undefined) survivors.push({ entry });
    else if (last?.entry === entry) join(last.sectors!, span);
    else survivors.push({ entry, sectors: [span] });
  }
  return survivors.map(({ entry, sectors }) =>
    sectors && !isAll(index, entry, sectors) ? { entry, sectors } : { entry },
  );
}

function join(spans: SectorSpan[], span: SectorSpan): void {
  const last = spans.at(-1)!;
  if (last.last + 1 === span.first) spans[spans.length - 1] = { first: last.first, last: span.last };
  else spans.push(span);
}

const isAll = (index: LogIndex, entry: number, [only, ...more]: readonly SectorSpan[]): boolean =>
  more.length === 0 && only!.first === 0 && only!.last === index.sectorCounts[entry]! - 1;
