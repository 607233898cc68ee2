import {
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  closeSync,
  ftruncateSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FLAG } from '../../src/dmlog/layout.ts';
import { dataBytes, dataOffsetBytes, indexLog, type LogIndex } from '../../src/dmlog/log-index.ts';
import { openLogFile } from '../../src/dmlog/log-source.ts';
import { newEntry, type NewLogEntry } from '../../src/dmlog/new-entry.ts';
import { writeLogFile } from '../../src/dmlog/writer.ts';
import type { Extent } from '../../src/host/sys/file.ts';
import { ContentMap, type ReplaySources } from '../../src/replay/content-map.ts';
import type { Corrections } from '../../src/replay/inversion.ts';
import { RollingImage } from '../../src/replay/rolling-image.ts';

const SECTOR = 512;
/** Several pages of the map. */
const DEVICE_SECTORS = 4096;
const DEVICE_BYTES = DEVICE_SECTORS * SECTOR;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'powercut-content-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Scenario {
  readonly base: readonly { sector: number; count: number; fill: number }[];
  readonly entries: readonly NewLogEntry[];
  /** Which entry's data is to be put in place once more, and with which entry. */
  readonly corrections: readonly { from: number; at: number }[];
}

const inside = (count: number): fc.Arbitrary<number> =>
  fc
    .oneof(fc.nat(8), fc.integer({ min: 1016, max: 1032 }), fc.nat(DEVICE_SECTORS))
    .map((sector) => Math.min(sector, DEVICE_SECTORS - count));

/** Sectors that tell where in which write they stand, so that a shifted one is noticed. */
const content = (count: number, fill: number): Buffer => {
  const bytes = Buffer.alloc(count * SECTOR, fill);
  for (let i = 0; i < count; i++) bytes.writeUInt32LE(i + 1, i * SECTOR);
  return bytes;
};

const anyWrite = fc
  .record({
    count: fc.integer({ min: 1, max: 20 }),
    fill: fc.nat(255),
    flags: fc.constantFrom(0, FLAG.fua, FLAG.metadata, FLAG.flush),
  })
  .chain(({ count, fill, flags }) => inside(count).map((sector) => ({ flags, sector, data: content(count, fill) })));
const anyDiscard = fc
  .oneof(fc.nat(30), fc.nat(DEVICE_SECTORS))
  .chain((count) => inside(count).map((sector) => newEntry.discard(sector, count)));
const anyScenario: fc.Arbitrary<Scenario> = fc.record({
  base: fc.array(
    fc
      .integer({ min: 1, max: 40 })
      .chain((count) => fc.record({ sector: inside(count), count: fc.constant(count), fill: fc.nat(255) })),
    { maxLength: 4 },
  ),
  entries: fc.array(
    fc.oneof(
      { weight: 6, arbitrary: anyWrite },
      { weight: 2, arbitrary: anyDiscard },
      fc.constant(newEntry.flush()),
      fc.constant(newEntry.mark('m')),
    ),
    { minLength: 1, maxLength: 25 },
  ),
  corrections: fc.array(fc.record({ from: fc.nat(24), at: fc.nat(24) }), { maxLength: 4 }),
});

function sourcesOf(scenario: Scenario): ReplaySources {
  const [base, log] = [join(folder, 'base.img'), join(folder, 'log')];
  const fd = openSync(base, 'w');
  ftruncateSync(fd, DEVICE_BYTES);
  for (const { sector, count, fill } of scenario.base)
    writeSync(fd, content(count, fill), 0, count * SECTOR, sector * SECTOR);
  closeSync(fd);
  writeLogFile(log, scenario.entries, { sectorBytes: SECTOR });
  const source = openLogFile(log);
  const index = indexLog(source);
  source.close();
  return { base, log, index, corrections: correctionsOf(index, scenario) };
}

function correctionsOf(index: LogIndex, { corrections }: Scenario): Corrections {
  const found = new Map<number, { logOffsetBytes: number; offsetBytes: number; lengthBytes: number }[]>();
  for (const { from, at } of corrections) {
    if (from >= index.entryCount || at >= index.entryCount || dataBytes(index, from) === 0) continue;
    const correction = {
      logOffsetBytes: dataOffsetBytes(index, from),
      offsetBytes: index.sectors[from]! * SECTOR,
      lengthBytes: SECTOR,
    };
    found.set(at, [...(found.get(at) ?? []), correction]);
  }
  return found;
}

/** The disk after each entry, the plain way; the first is the base. */
function* model({ base, log, index, corrections }: ReplaySources): Generator<Buffer> {
  const disk = readFileSync(base);
  const logBytes = readFileSync(log);
  yield disk;
  for (let entry = 0; entry < index.entryCount; entry++) {
    const at = index.sectors[entry]! * SECTOR;
    if (index.flags[entry]! & FLAG.discard) disk.fill(0, at, at + index.sectorCounts[entry]! * SECTOR);
    else
      logBytes.copy(disk, at, dataOffsetBytes(index, entry), dataOffsetBytes(index, entry) + dataBytes(index, entry));
    for (const { logOffsetBytes, offsetBytes, lengthBytes } of corrections.get(entry) ?? []) {
      logBytes.copy(disk, offsetBytes, logOffsetBytes, logOffsetBytes + lengthBytes);
    }
    yield disk;
  }
}

/** The disk with everything zeroed that lies in one of the extents. */
function without(disk: Buffer, extents: Iterable<Extent>): Buffer {
  const rest = Buffer.from(disk);
  for (const { offsetBytes, lengthBytes } of extents) rest.fill(0, offsetBytes, offsetBytes + lengthBytes);
  return rest;
}

describe('ContentMap', () => {
  it('knows every byte of the disk after every entry, and which ranges changed', () => {
    fc.assert(
      fc.property(anyScenario, (scenario) => {
        const sources = sourcesOf(scenario);
        const map = new ContentMap(sources);
        const found = Buffer.alloc(DEVICE_BYTES);
        let before = Buffer.alloc(0);
        let entry = -1;
        for (const disk of model(sources)) {
          const changed = map.rollTo(entry < 0 ? undefined : entry);
          found.fill(0xcc);
          map.read(found, 0);
          expect(found.equals(disk)).toBe(true);
          if (entry >= 0) expect(without(before, changed).equals(without(disk, changed))).toBe(true);
          expect(without(disk, map.extents()).equals(Buffer.alloc(DEVICE_BYTES))).toBe(true);
          before = Buffer.from(disk);
          entry++;
        }
        map.close();
      }),
      { numRuns: 60 },
    );
  });

  it('reads any range, aligned to sectors or not', () => {
    const anyRange = fc.tuple(fc.nat(DEVICE_BYTES - 1), fc.oneof(fc.nat(2000), fc.nat(DEVICE_BYTES)));
    fc.assert(
      fc.property(anyScenario, fc.array(anyRange, { minLength: 1, maxLength: 10 }), (scenario, ranges) => {
        const sources = sourcesOf(scenario);
        const map = new ContentMap(sources);
        map.rollTo(sources.index.entryCount - 1);
        const disk = [...model(sources)].at(-1)!;
        for (const [offset, length] of ranges) {
          const part = Buffer.alloc(Math.min(length, DEVICE_BYTES - offset), 0xcc);
          map.read(part, offset);
          expect(part.equals(disk.subarray(offset, offset + part.length))).toBe(true);
        }
        map.close();
      }),
      { numRuns: 60 },
    );
  });

  it('agrees with the rolling image', () => {
    fc.assert(
      fc.property(anyScenario, (scenario) => {
        const sources = sourcesOf(scenario);
        const map = new ContentMap(sources);
        const image = new RollingImage(sources, join(folder, 'rolling.img'));
        const found = Buffer.alloc(DEVICE_BYTES);
        for (const entry of [undefined, Math.floor(sources.index.entryCount / 2), sources.index.entryCount - 1]) {
          image.rollTo(entry);
          map.rollTo(entry);
          map.read(found, 0);
          expect(found.equals(readFileSync(image.path))).toBe(true);
        }
        map.close();
        image.close();
      }),
      { numRuns: 30 },
    );
  });

  it('does not roll back', () => {
    const map = new ContentMap(sourcesOf({ base: [], entries: [newEntry.flush(), newEntry.flush()], corrections: [] }));
    map.rollTo(1);
    expect(map.rollTo(1)).toEqual([]);
    expect(() => map.rollTo(0)).toThrow(/cannot roll back from entry 1 to 0/);
    expect(() => map.rollTo(undefined)).toThrow(/cannot roll back/);
    map.close();
  });

  it('takes what lies behind the base image for zeros', () => {
    const sources = sourcesOf({
      base: [{ sector: 0, count: 1, fill: 7 }],
      entries: [newEntry.flush()],
      corrections: [],
    });
    truncateSync(sources.base, SECTOR);
    const map = new ContentMap(sources);
    const found = Buffer.alloc(3 * SECTOR, 0xcc);
    map.read(found, 0);
    expect(found.equals(Buffer.concat([content(1, 7), Buffer.alloc(2 * SECTOR)]))).toBe(true);
    map.close();
  });

  it('says so when the log has become shorter, instead of giving zeros', () => {
    const sources = sourcesOf({ base: [], entries: [newEntry.write(0, content(2, 1))], corrections: [] });
    const map = new ContentMap(sources);
    map.rollTo(0);
    truncateSync(sources.log, 3 * SECTOR);
    expect(() => map.read(Buffer.alloc(2 * SECTOR), 0)).toThrow(expect.objectContaining({ code: 'bad-log' }));
    map.close();
  });

  it('gives one page to a discard of a whole disk, however large', () => {
    const sources = sourcesOf({ base: [], entries: [newEntry.discard(3, 2 ** 27)], corrections: [] });
    const map = new ContentMap(sources);
    map.rollTo(0);
    // Only the first and the last page are partly discarded and have slots of their own.
    expect([...map.extents()].length).toBeLessThanOrEqual(2);
    map.close();
  });
});
