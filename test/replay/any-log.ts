/** Small logs on a small disk, so that writes overlap, and every disk that crash states make of them, in memory. */
import fc from 'fast-check';
import { isDiscard, isMark } from '../../src/dmlog/entry-role.ts';
import { FLAG } from '../../src/dmlog/layout.ts';
import { dataOffsetBytes, type LogIndex } from '../../src/dmlog/log-index.ts';
import type { NewLogEntry } from '../../src/dmlog/new-entry.ts';
import { writeLog } from '../../src/dmlog/writer.ts';
import { indexLog } from '../../src/dmlog/log-index.ts';
import { logInMemory } from '../../src/dmlog/log-source.ts';
import type { CrashState } from '../../src/replay/crash-state.ts';
import { IO_ERROR_END, IO_ERROR_START } from '../../src/replay/io-error.ts';
import { lostWrites } from '../../src/replay/lost-writes.ts';
import type { Overlay } from '../../src/replay/overlay.ts';

export const DISK_SECTORS = 24;
const SECTOR = 512;

const anyPlace = (largest: number): fc.Arbitrary<{ sector: number; count: number }> =>
  fc
    .tuple(fc.integer({ min: 1, max: largest }), fc.nat(DISK_SECTORS))
    .map(([count, sector]) => ({ count, sector: Math.min(sector, DISK_SECTORS - count) }));

const anyWrite = (flags: number, largest: number): fc.Arbitrary<NewLogEntry> =>
  fc.tuple(anyPlace(largest), fc.integer({ min: 1, max: 255 })).map(([{ sector, count }, fill]) => {
    const data = Buffer.alloc(count * SECTOR, fill);
    for (let i = 0; i < count; i++) data.writeUInt8(i, i * SECTOR);
    return { flags, sector, data };
  });

const anyDiscard: fc.Arbitrary<NewLogEntry> = anyPlace(12).map(({ sector, count }) => ({
  flags: FLAG.discard,
  sector,
  sectorCount: count,
}));
const flush: NewLogEntry = { flags: FLAG.flush };
/** In any order: what the recorder puts in is one pair, but a log may hold anything. */
const mark: fc.Arbitrary<NewLogEntry> = fc
  .constantFrom('ack:1', 'ack:2', 'other', IO_ERROR_START, IO_ERROR_END)
  .map((text) => ({ flags: FLAG.mark, mark: text }));
const commitFlush: NewLogEntry = { flags: FLAG.flush | FLAG.fua | FLAG.metadata, sector: 3 };

/** As the kernel writes it: (FUA | MARK)*, plain writes, FLUSH, and so on; the last group may be open. */
export function kernelLog(maxEpochs = 4, largest = 10): fc.Arbitrary<NewLogEntry[]> {
  const barriers = fc.array(fc.oneof(anyWrite(FLAG.fua, largest), mark), { maxLength: 3 });
  const group = fc.array(
    fc.oneof(
      { weight: 5, arbitrary: anyWrite(0, largest) },
      { weight: 1, arbitrary: anyWrite(FLAG.metadata, largest) },
      { weight: 1, arbitrary: anyDiscard },
    ),
    { maxLength: 4 },
  );
  const closing = fc.constantFrom(flush, commitFlush);
  const epoch = fc.tuple(barriers, group, closing).map(([first, writes, close]) => [...first, ...writes, close]);
  const tail = fc.tuple(barriers, group).map(([first, writes]) => [...first, ...writes]);
  return fc.tuple(fc.array(epoch, { maxLength: maxEpochs }), tail).map(([all, last]) => [...all.flat(), ...last]);
}

/** Any entries in any order: flushes with data, and plain writes apart from their group, as foreign logs have them. */
export function foreignLog(maxLength = 12, largest = 10): fc.Arbitrary<NewLogEntry[]> {
  const entry = fc.oneof(
    { weight: 5, arbitrary: anyWrite(0, largest) },
    { weight: 2, arbitrary: anyWrite(FLAG.fua, largest) },
    { weight: 1, arbitrary: anyWrite(FLAG.flush, largest) },
    { weight: 1, arbitrary: anyWrite(FLAG.flush | FLAG.fua, largest) },
    { weight: 1, arbitrary: anyDiscard },
    { weight: 2, arbitrary: fc.constantFrom(flush, commitFlush) },
    { weight: 1, arbitrary: mark },
  );
  return fc.array(entry, { maxLength });
}

export const anyLog: fc.Arbitrary<NewLogEntry[]> = fc.oneof(kernelLog(), foreignLog());

export interface MadeLog {
  readonly bytes: Buffer;
  readonly index: LogIndex;
}

export function makeLog(entries: readonly NewLogEntry[]): MadeLog {
  const bytes = writeLog(entries, { sectorBytes: SECTOR });
  return { bytes, index: indexLog(logInMemory(bytes)) };
}

/** What stood on the disk before the log: something everywhere, since zeros hide a discard. */
export function baseDisk(): Buffer {
  const disk = Buffer.alloc(DISK_SECTORS * SECTOR, 'base');
  for (let i = 0; i < DISK_SECTORS; i++) disk.writeUInt8(i, i * SECTOR);
  return disk;
}

/** Applies an entry, or these of its sectors. */
export function apply(disk: Buffer, { bytes, index }: MadeLog, entry: number, sectors?: readonly number[]): void {
  const { flags, sectorCounts, sectors: places } = index;
  if (isMark(flags[entry]!)) return;
  const parts = sectors ?? Array.from({ length: sectorCounts[entry]! }, (_, i) => i);
  for (const part of parts) {
    const at = (places[entry]! + part) * SECTOR;
    const from = dataOffsetBytes(index, entry) + part * SECTOR;
    if (isDiscard(flags[entry]!)) disk.fill(0, at, at + SECTOR);
    else bytes.copy(disk, at, from, from + SECTOR);
  }
}

/** The simplest way to make a state's disk: one entry after the other, those that are gone left out. */
export function diskOf(log: MadeLog, state: CrashState): Buffer {
  const disk = baseDisk();
  const survivors = new Map((state.survivors ?? []).map(({ entry, sectors }) => [entry as number, { sectors }]));
  const gone = new Set<number>([...lostWrites(log.index, state), ...(state.keptDiscards ?? [])]);
  for (let entry = 0; entry < log.index.entryCount; entry++) {
    const survivor = survivors.get(entry);
    const isThere = entry <= (state.crashPoint ?? -1) && !gone.has(entry);
    if (isThere || survivor) apply(disk, log, entry, survivor?.sectors?.flatMap(spread));
  }
  if (state.flip) disk[state.flip.byte]! ^= 1 << state.flip.bit;
  return disk;
}

const spread = ({ first, last }: { first: number; last: number }): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** What the engine does: rolls forward to an entry, then puts the overlay on it. */
export function overlaid(log: MadeLog, anchor: number | undefined, { before, patches }: Overlay): Buffer {
  const disk = rolledTo(log, anchor);
  const earlier = rolledTo(log, before === undefined ? undefined : before - 1);
  for (const { offsetBytes, lengthBytes, source } of patches) {
    if (source === 'zeros') disk.fill(0, offsetBytes, offsetBytes + lengthBytes);
    else if (source === 'before') earlier.copy(disk, offsetBytes, offsetBytes, offsetBytes + lengthBytes);
    else if ('flipBit' in source) disk[offsetBytes]! ^= 1 << source.flipBit;
    else log.bytes.copy(disk, offsetBytes, source.logOffsetBytes, source.logOffsetBytes + lengthBytes);
  }
  return disk;
}

function rolledTo(log: MadeLog, entry: number | undefined): Buffer {
  const disk = baseDisk();
  for (let at = 0; at <= (entry ?? -1); at++) apply(disk, log, at);
  return disk;
}
