import fc from 'fast-check';
import { FLAG } from '../../src/dmlog/layout.ts';
import type { NewLogEntry } from '../../src/dmlog/new-entry.ts';

const anySector = fc.oneof(fc.nat(40), fc.nat(2 ** 40));

/** Every kind of entry that a valid log can hold, foreign ones too; places often overlap. */
export function anyEntry(sectorBytes: number): fc.Arbitrary<NewLogEntry> {
  const data = fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.nat(255))
    .map(([n, fill]) => Buffer.alloc(n * sectorBytes, fill));
  const writeFlags = fc.constantFrom(
    0,
    FLAG.fua,
    FLAG.metadata,
    FLAG.fua | FLAG.metadata,
    FLAG.flush,
    FLAG.flush | FLAG.fua,
  );
  return fc.oneof(
    fc.record({ flags: writeFlags, sector: anySector, data }),
    fc.record({ flags: fc.constantFrom(FLAG.flush, FLAG.flush | FLAG.fua | FLAG.metadata), sector: anySector }),
    fc.record({ flags: fc.constantFrom(FLAG.discard, 20), sector: anySector, sectorCount: fc.nat(2 ** 30) }),
    fc.record({
      flags: fc.constant(FLAG.mark),
      mark: fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => Buffer.byteLength(text) <= 479),
    }),
  );
}

export const anyEntries = (sectorBytes: number, maxLength = 20): fc.Arbitrary<NewLogEntry[]> =>
  fc.array(anyEntry(sectorBytes), { maxLength });
