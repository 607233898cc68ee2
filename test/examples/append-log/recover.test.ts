import { readdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { operationKey, operationValue } from '../../../examples/append-log/operation.ts';
import { recover } from '../../../examples/append-log/recover.ts';
import { AppendLogStore } from '../../../examples/append-log/store.ts';
import { decodeRecords, encodeRecord } from '../../../examples/append-log/stored-record.ts';
import { freshDirectory, madeStore, putOperations } from './made-store.ts';

/** Enough for a second segment with three records. */
const COUNT = 12;
const LAST = '000002.log';

interface LastSegment {
  readonly directory: string;
  readonly path: string;
  readonly bytes: Buffer;
  /** Number of the segment's first operation. */
  readonly first: number;
  /** Where each of its records ends. */
  readonly ends: readonly number[];
}

function lastSegment(): LastSegment {
  const directory = madeStore(COUNT);
  expect(readdirSync(directory)).toEqual(['000001.log', LAST]);
  const path = join(directory, LAST);
  const bytes = readFileSync(path);
  const first = decodeRecords(readFileSync(join(directory, '000001.log')), 1).records.length + 1;
  let end = 0;
  const ends = decodeRecords(bytes, first).records.map((record) => (end += encodeRecord(record).length));
  expect(ends.length).toBeGreaterThanOrEqual(3);
  return { directory, path, bytes, first, ends };
}

describe('recover', () => {
  it('finds every operation of a store that was not closed', () => {
    const { records, damage } = recover(madeStore(40));
    expect(damage).toBeUndefined();
    expect(records).toEqual(
      Array.from({ length: 40 }, (_, i) => ({
        sequence: i + 1,
        key: operationKey(i + 1),
        value: operationValue(i + 1),
      })),
    );
  });

  it('takes an empty folder for an empty store', () => {
    expect(recover(freshDirectory())).toEqual({ records: [], last: undefined, damage: undefined });
  });

  it('keeps the whole records before any point at which the last segment ends', () => {
    const { directory, path, bytes, first, ends } = lastSegment();
    for (let cut = bytes.length; cut >= ends[0]!; cut--) {
      writeFileSync(path, bytes.subarray(0, cut));
      const whole = ends.filter((end) => end <= cut).length;
      const { records, damage } = recover(directory);
      expect({ cut, damage, count: records.length }).toEqual({ cut, damage: undefined, count: first - 1 + whole });
      expect(readFileSync(path).length).toBe(ends[whole - 1]);
    }
  });

  it('keeps the whole records before any point from which the last segment is zeros', () => {
    const { directory, path, bytes, first, ends } = lastSegment();
    // The last byte of a value is never zero, so each of these loses the last record.
    for (let cut = bytes.length - 1; cut >= ends[0]!; cut -= 7) {
      writeFileSync(path, Buffer.concat([bytes.subarray(0, cut), Buffer.alloc(bytes.length - cut)]));
      const whole = ends.filter((end) => end <= cut).length;
      expect(recover(directory).records).toHaveLength(first - 1 + whole);
    }
  });

  it('calls a segment torn whose first record is not whole, for its name came after that record', () => {
    const { directory, path, bytes, first, ends } = lastSegment();
    for (const cut of [0, 1, 14, ends[0]! - 1]) {
      writeFileSync(path, bytes.subarray(0, cut));
      const { records, damage } = recover(directory);
      expect(damage?.class).toBe('torn');
      expect(records).toHaveLength(first - 1);
    }
  });

  it('goes on from where it cut off, and comes to the same end when it runs again', () => {
    const { directory, path, bytes } = lastSegment();
    truncateSync(path, bytes.length - 1);
    const once = recover(directory);
    expect(recover(directory)).toEqual(once);
    const store = new AppendLogStore(directory);
    expect(store.size).toBe(COUNT - 1);
    putOperations(store, COUNT, COUNT + 10);
    const again = new AppendLogStore(directory);
    expect(again.size).toBe(COUNT + 10);
    expect(again.get(operationKey(COUNT))).toBe(operationValue(COUNT));
  });

  it('drops a segment that never got its name', () => {
    const { directory, path, first } = lastSegment();
    renameSync(path, `${path}.tmp`);
    expect(recover(directory).records).toHaveLength(first - 1);
    expect(readdirSync(directory)).toEqual(['000001.log']);
  });

  it('cuts nothing off a segment that is not the last: that is no power cut', () => {
    const directory = madeStore(COUNT);
    const path = join(directory, '000001.log');
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes);
    expect(recover(directory).damage).toMatchObject({ class: 'corrupt' });
    expect(readFileSync(path)).toEqual(bytes);
    expect(() => new AppendLogStore(directory)).toThrow(/damaged \(corrupt\): bad record at byte \d+ of 000001\.log/);
  });
});
