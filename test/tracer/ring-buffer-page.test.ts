import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRingBufferPage } from '../../src/tracer/ring-buffer-page.ts';

const PAGE_BYTES = 4096;
const MISSED = 0x8000_0000;
const MISSED_STORED = 0x4000_0000;

const header = (kind: number, timeDelta: number): Buffer => {
  const word = Buffer.alloc(4);
  word.writeUInt32LE(((timeDelta << 5) | kind) >>> 0);
  return word;
};
const word = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

/** A record that is a whole number of 4-byte words, as the kernel makes them. */
const short = (record: Buffer): Buffer => Buffer.concat([header(record.length / 4, 5), record]);
const long = (record: Buffer): Buffer => Buffer.concat([header(0, 5), word(record.length + 4), record]);
const timeExtend = Buffer.concat([header(30, 77), word(1)]);
const timeStamp = Buffer.concat([header(31, 77), word(1)]);
const discarded = (bytes: number): Buffer => Buffer.concat([header(29, 1), word(bytes + 4), Buffer.alloc(bytes, 0xee)]);
const restIsPadding = Buffer.concat([header(29, 0), Buffer.alloc(40, 0xee)]);

function page(events: readonly Buffer[], flags = 0): Buffer {
  const data = Buffer.concat(events);
  const bytes = Buffer.alloc(PAGE_BYTES, 0xdd);
  bytes.writeUInt32LE((data.length | flags) >>> 0, 8);
  data.copy(bytes, 16);
  return bytes;
}

function read(bytes: Buffer): { whole: boolean; records: string[] } {
  const records: string[] = [];
  const whole = readRingBufferPage(bytes, (start, end) => records.push(bytes.toString('hex', start, end)));
  return { whole, records };
}

const anyRecord = fc
  .uint8Array({ minLength: 1, maxLength: 28 })
  .map((bytes) => Buffer.alloc(4 * bytes.length, Buffer.from(bytes)));

describe('readRingBufferPage', () => {
  it('finds every record among whatever else stands between them', () => {
    const anyEvent = fc.oneof(
      anyRecord.map((record) => ({ bytes: short(record), record })),
      anyRecord.map((record) => ({ bytes: long(record), record })),
      fc
        .constantFrom(timeExtend, timeStamp, discarded(0), discarded(24))
        .map((bytes) => ({ bytes, record: undefined })),
    );
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 20 }), fc.boolean(), (events, padded) => {
        const bytes = page([...events.map((event) => event.bytes), ...(padded ? [restIsPadding] : [])]);
        const records = events.flatMap(({ record }) => (record ? [record.toString('hex')] : []));
        expect(read(bytes)).toEqual({ whole: true, records });
      }),
    );
  });

  it('says so when the kernel dropped events before the page, and reads on', () => {
    expect(read(page([short(Buffer.from('abcd'))], MISSED))).toEqual({ whole: false, records: ['61626364'] });
    expect(read(page([], MISSED | MISSED_STORED)).whole).toBe(false);
  });

  it.each([
    ['shorter than its header', Buffer.alloc(10)],
    ['with more data than there is', page([short(Buffer.alloc(4))]).subarray(0, 20)],
    ['with an event that goes on behind the data', page([header(28, 1)])],
    ['with a length of nothing but itself cut off', page([header(0, 1)])],
    ['with an absurd length', page([header(0, 1), word(0xffff_fff0), Buffer.alloc(8)])],
  ])('does not vouch for a page %s', (_, bytes) => {
    expect(read(bytes).whole).toBe(false);
  });

  it('ends on any bytes whatever', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(250), (data, commit) => {
        const bytes = Buffer.concat([Buffer.alloc(16), data]);
        bytes.writeUInt32LE(commit, 8);
        readRingBufferPage(bytes, (start, end) => {
          expect(start).toBeLessThan(end);
          expect(end).toBeLessThanOrEqual(bytes.length);
        });
      }),
    );
  });
});
