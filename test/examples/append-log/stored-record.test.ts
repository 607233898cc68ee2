import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecords, encodeRecord, type StoredRecord } from '../../../examples/append-log/stored-record.ts';

const contents = fc.array(fc.record({ key: fc.string({ maxLength: 20 }), value: fc.string({ maxLength: 60 }) }), {
  minLength: 1,
  maxLength: 5,
});

function numbered(entries: readonly { key: string; value: string }[], first = 1): StoredRecord[] {
  return entries.map((entry, i) => ({ sequence: first + i, ...entry }));
}

describe('records', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(contents, fc.nat(1000), (entries, first) => {
        const records = numbered(entries, first);
        const bytes = Buffer.concat(records.map(encodeRecord));
        expect(decodeRecords(bytes, first)).toEqual({ records, goodBytes: bytes.length });
      }),
    );
  });

  it('with any bit flipped end the reading in front of the damage, and are never made up', () => {
    fc.assert(
      fc.property(contents, fc.nat(), (entries, draw) => {
        const encoded = numbered(entries).map(encodeRecord);
        const bytes = Buffer.concat(encoded);
        const bit = draw % (bytes.length * 8);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        const { records, goodBytes } = decodeRecords(bytes, 1);
        expect(records).toEqual(numbered(entries).slice(0, records.length));
        expect(goodBytes).toBeLessThanOrEqual(bit >> 3);
        const damaged = encoded[records.length]!;
        expect(goodBytes + damaged.length).toBeGreaterThan(bit >> 3);
      }),
    );
  });

  it('are not found in zeros, which is what a file shows whose size was saved and whose data was not', () => {
    const record = encodeRecord({ sequence: 1, key: 'k', value: 'v' });
    const bytes = Buffer.concat([record, Buffer.alloc(500)]);
    expect(decodeRecords(bytes, 1)).toMatchObject({ records: [{ sequence: 1 }], goodBytes: record.length });
  });

  it('of another life of the same block are refused, whole as they are', () => {
    const stale = encodeRecord({ sequence: 7, key: 'k', value: 'old' });
    expect(decodeRecords(stale, 2)).toEqual({ records: [], goodBytes: 0 });
  });
});
