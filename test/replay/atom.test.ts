import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDiscard } from '../../src/dmlog/entry-role.ts';
import { survivorsOf, tornWrite, wholeWrites } from '../../src/replay/atom.ts';
import { anyLog, makeLog } from './any-log.ts';

const SECTOR = 512;

describe('atoms', () => {
  it('torn, are the write in pieces that end where the unit ends on the disk; a discard stays whole', () => {
    const pieces = fc.property(anyLog, fc.constantFrom(1, 8), (entries, unit) => {
      const { index } = makeLog(entries);
      for (const whole of wholeWrites(index, 0, index.entryCount)) {
        const parts = tornWrite(index, whole, unit);
        let at = whole.offsetBytes;
        for (const { offsetBytes, lengthBytes } of parts) {
          expect(offsetBytes).toBe(at);
          at += lengthBytes;
          const isLast = at === whole.offsetBytes + whole.lengthBytes;
          expect(isLast || at % (unit * SECTOR) === 0).toBe(true);
          expect(lengthBytes <= unit * SECTOR || isDiscard(index.flags[whole.entry]!)).toBe(true);
        }
        expect(at).toBe(whole.offsetBytes + whole.lengthBytes);
        if (isDiscard(index.flags[whole.entry]!)) expect(parts).toEqual([whole]);
      }
    });
    fc.assert(pieces, { numRuns: 100 });
  });

  it('as survivors, are the same sectors, joined as far as they can be', () => {
    const same = fc.property(anyLog, fc.bigInt(0n, (1n << 60n) - 1n), (entries, choice) => {
      const { index } = makeLog(entries);
      const atoms = wholeWrites(index, 0, index.entryCount).flatMap((whole) => tornWrite(index, whole, 1));
      const chosen = atoms.filter((_, i) => ((choice >> BigInt(i % 60)) & 1n) === 1n);
      const wanted = chosen.flatMap(({ entry, span }) => {
        const { first, last } = span ?? { first: 0, last: index.sectorCounts[entry]! - 1 };
        return Array.from({ length: last - first + 1 }, (_, i) => `${entry}.${first + i}`);
      });
      const found = survivorsOf(index, chosen).flatMap(({ entry, sectors }) => {
        const spans = sectors ?? [{ first: 0, last: index.sectorCounts[entry]! - 1 }];
        const isJoined = spans.every(({ first }, i) => i === 0 || first > spans[i - 1]!.last + 1);
        expect(isJoined).toBe(true);
        return spans.flatMap(({ first, last }) =>
          Array.from({ length: last - first + 1 }, (_, i) => `${entry}.${first + i}`),
        );
      });
      expect(found).toEqual(wanted);
    });
    fc.assert(same, { numRuns: 100 });
  });
});
