import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLAG } from '../../src/dmlog/layout.ts';
import { dataOffsetBytes } from '../../src/dmlog/log-index.ts';
import { newEntry, type NewLogEntry } from '../../src/dmlog/new-entry.ts';
import type { Corrections } from '../../src/replay/inversion.ts';
import { RollingImage } from '../../src/replay/rolling-image.ts';
import { SECTOR, sectors, writeAndIndex } from '../support/log-file.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

/** Some blocks of the page cache, and an end inside of one. */
const DEVICE_SECTORS = 67;
const path = useTemporaryFolder();

/** A write of earlier content that is put in place once more, together with a later entry. */
interface Correction {
  readonly from: number;
  readonly at: number;
}

const anyPlace = fc
  .integer({ min: 1, max: 12 })
  .chain((count) => fc.record({ count: fc.constant(count), sector: fc.nat(DEVICE_SECTORS - count) }));
const anyWrite = fc
  .record({ place: anyPlace, fill: fc.nat(255), flags: fc.constantFrom(0, FLAG.fua, FLAG.metadata, FLAG.flush) })
  .map(({ place, fill, flags }) => ({ flags, sector: place.sector, data: Buffer.alloc(place.count * SECTOR, fill) }));
const anyEntry: fc.Arbitrary<NewLogEntry> = fc.oneof(
  { weight: 5, arbitrary: anyWrite },
  { weight: 2, arbitrary: anyPlace.map(({ sector, count }) => newEntry.discard(sector, count)) },
  fc.constant(newEntry.flush()),
  fc.constant(newEntry.mark('m')),
);
const anyBase = fc.array(fc.record({ place: anyPlace, fill: fc.nat(255) }), { maxLength: 3 }).map((writes) => {
  const base = Buffer.alloc(DEVICE_SECTORS * SECTOR);
  for (const { place, fill } of writes) base.fill(fill, place.sector * SECTOR, (place.sector + place.count) * SECTOR);
  return base;
});
const anyCorrections = fc.array(fc.record({ from: fc.nat(14), at: fc.nat(14) }), { maxLength: 3 });

/** The disk after each entry in a plain buffer; the first is the base. */
function model(base: Buffer, entries: readonly NewLogEntry[], corrections: readonly Correction[]): Buffer[] {
  const disk = Buffer.from(base);
  const disks = [Buffer.from(disk)];
  entries.forEach(({ sector = 0, sectorCount = 0, data }, at) => {
    if (data) disk.set(data, sector * SECTOR);
    else disk.fill(0, sector * SECTOR, (sector + sectorCount) * SECTOR);
    for (const correction of corrections) {
      const { data: earlier, sector: where = 0 } = entries[correction.from] ?? {};
      if (correction.at === at && earlier) disk.set(earlier.subarray(0, SECTOR), where * SECTOR);
    }
    disks.push(Buffer.from(disk));
  });
  return disks;
}

function openImage(
  base: Buffer,
  entries: readonly NewLogEntry[],
  corrections: readonly Correction[] = [],
  onWrite?: (offsetBytes: number, lengthBytes: number) => void,
): RollingImage {
  writeFileSync(path('base.img'), base);
  const index = writeAndIndex(path('log'), entries);
  const placed = new Map<number, { logOffsetBytes: number; offsetBytes: number; lengthBytes: number }[]>();
  for (const { from, at } of corrections) {
    const entry = entries[from];
    if (!entry?.data) continue;
    const correction = {
      logOffsetBytes: dataOffsetBytes(index, from),
      offsetBytes: (entry.sector ?? 0) * SECTOR,
      lengthBytes: SECTOR,
    };
    placed.set(at, [...(placed.get(at) ?? []), correction]);
  }
  const sources = { base: path('base.img'), log: path('log'), index, corrections: placed as Corrections };
  return new RollingImage(sources, path('rolling.img'), onWrite);
}

/** A corrected entry must have been logged: nothing of the future is put on the disk. */
const inThePast = (corrections: readonly Correction[]): Correction[] =>
  corrections.filter(({ from, at }) => from <= at);

describe('RollingImage', () => {
  it('is what a plain buffer is after every entry, with discards and corrections', () => {
    fc.assert(
      fc.property(
        anyBase,
        fc.array(anyEntry, { minLength: 1, maxLength: 15 }),
        anyCorrections,
        (base, entries, all) => {
          const corrections = inThePast(all);
          const image = openImage(base, entries, corrections);
          model(base, entries, corrections).forEach((disk, position) => {
            image.rollTo(position === 0 ? undefined : position - 1);
            expect(readFileSync(image.path).equals(disk)).toBe(true);
          });
          image.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('comes to the same content in one stride as in many', () => {
    fc.assert(
      fc.property(anyBase, fc.array(anyEntry, { minLength: 1, maxLength: 15 }), fc.nat(14), (base, entries, stop) => {
        const last = Math.min(stop, entries.length - 1);
        const image = openImage(base, entries);
        image.rollTo(last);
        expect(readFileSync(image.path).equals(model(base, entries, [])[last + 1]!)).toBe(true);
        image.close();
      }),
      { numRuns: 40 },
    );
  });

  it('tells of every range that changes', () => {
    fc.assert(
      fc.property(
        anyBase,
        fc.array(anyEntry, { minLength: 1, maxLength: 15 }),
        anyCorrections,
        (base, entries, all) => {
          const corrections = inThePast(all);
          const told = Buffer.alloc(base.length);
          const image = openImage(base, entries, corrections, (at, length) => told.fill(1, at, at + length));
          const disks = model(base, entries, corrections);
          image.rollTo(entries.length - 1);
          const last = disks.at(-1)!;
          expect(last.every((byte, at) => byte === base[at] || told[at] === 1)).toBe(true);
          image.close();
        },
      ),
      { numRuns: 40 },
    );
  });

  it('leaves the base image as it was', () => {
    const base = Buffer.alloc(DEVICE_SECTORS * SECTOR, 'b');
    const image = openImage(base, [newEntry.write(0, sectors('w', 3)), newEntry.discard(5, 5)]);
    image.rollTo(1);
    image.close();
    expect(readFileSync(path('base.img')).equals(base)).toBe(true);
  });

  it('copies entries larger than its buffer', () => {
    const base = Buffer.alloc(3 << 20);
    const data = Buffer.alloc(base.length - SECTOR);
    for (let at = 0; at < data.length; at += SECTOR) data.writeUInt32LE(at + 1, at);
    const image = openImage(base, [newEntry.write(1, data)]);
    image.rollTo(0);
    expect(readFileSync(image.path).equals(Buffer.concat([Buffer.alloc(SECTOR), data]))).toBe(true);
    image.close();
  });

  it('keeps the size of the base when a discard reaches its end', () => {
    const image = openImage(Buffer.alloc(DEVICE_SECTORS * SECTOR, 'b'), [newEntry.discard(0, DEVICE_SECTORS)]);
    image.rollTo(0);
    expect(readFileSync(image.path).equals(Buffer.alloc(DEVICE_SECTORS * SECTOR))).toBe(true);
    image.close();
  });

  it('does not roll back', () => {
    const image = openImage(Buffer.alloc(SECTOR), [newEntry.flush(), newEntry.flush()]);
    image.rollTo(1);
    image.rollTo(1);
    expect(() => image.rollTo(0)).toThrow(/cannot roll back from entry 1 to 0/);
    expect(() => image.rollTo(undefined)).toThrow(/cannot roll back/);
    image.close();
  });

  it('says so when the log has become shorter, instead of leaving old content', () => {
    const image = openImage(Buffer.alloc(4 * SECTOR), [newEntry.write(0, sectors('w', 2))]);
    truncateSync(path('log'), 3 * SECTOR);
    expect(() => image.rollTo(0)).toThrow(expect.objectContaining({ code: 'bad-log' }));
    image.close();
  });
});
