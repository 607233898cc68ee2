import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../src/dmlog/entry.ts';
import { indexLog } from '../../src/dmlog/log-index.ts';
import { readEntries } from '../../src/dmlog/reader.ts';
import { SAMPLE_LOGS, sampleBytes, sampleLog } from './samples.ts';

/**
 * A second decoder, written from the format and sharing nothing with src/: an error of understanding in one of the two
 * shows as a difference.
 */
interface Decoded {
  at: number;
  where: bigint;
  length: bigint;
  bits: bigint;
  payload: number;
  text: string | null;
}

function decodeIndependently(file: Uint8Array): Decoded[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (view.getBigUint64(0, true) !== 0x006a736677736872n || view.getBigUint64(8, true) !== 1n) throw new Error('magic');
  const unit = view.getUint32(24, true);
  const all: Decoded[] = [];
  let at = unit;
  for (let left = view.getBigUint64(16, true); left > 0n; left -= 1n) {
    const length = view.getBigUint64(at + 8, true);
    const bits = view.getBigUint64(at + 16, true);
    const textBytes = file.subarray(at + 32, at + 32 + Number(view.getBigUint64(at + 24, true)));
    const payload = bits & 4n ? 0 : Number(length) * unit;
    const text = bits & 8n ? new TextDecoder().decode(textBytes) : null;
    all.push({ at, where: view.getBigUint64(at, true), length, bits, payload, text });
    at += unit + payload;
  }
  return all;
}

const asDecoded = (entry: LogEntry): Decoded => ({
  at: entry.headerOffsetBytes,
  where: BigInt(entry.sector),
  length: BigInt(entry.sectorCount),
  bits: BigInt(entry.flags),
  payload: entry.dataBytes,
  text: entry.mark ?? null,
});

describe('an independent reading of the samples agrees', () => {
  it.each(SAMPLE_LOGS)('%s', (name) => {
    const expected = decodeIndependently(sampleBytes(name));
    const entries = [...readEntries(sampleLog(name))];
    expect(entries.map(asDecoded)).toEqual(expected);
    expect(entries.map((entry) => entry.index)).toEqual(expected.map((_, position) => position));

    const index = indexLog(sampleLog(name));
    expect([...index.headerOffsetsBytes]).toEqual(expected.map(({ at }) => at));
    expect([...index.sectors].map(BigInt)).toEqual(expected.map(({ where }) => where));
    expect([...index.sectorCounts].map(BigInt)).toEqual(expected.map(({ length }) => length));
    expect([...index.flags].map(BigInt)).toEqual(expected.map(({ bits }) => bits));
  });
});
