import { appendFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkDirectory } from '../../../examples/append-log/check-directory.ts';
import { FAULTS } from '../../../examples/append-log/fault.ts';
import { operationKey, operationValue } from '../../../examples/append-log/operation.ts';
import { AppendLogStore } from '../../../examples/append-log/store.ts';
import { freshDirectory, madeStore } from './made-store.ts';

const COUNT = 40;

describe('checkDirectory on what no power cut has touched', () => {
  it.each([undefined, ...FAULTS])('finds nothing wrong (fault: %s)', (fault) => {
    expect(checkDirectory(madeStore(COUNT, fault), COUNT)).toBeUndefined();
  });

  it('lets one operation be there that nobody acknowledged', () => {
    expect(checkDirectory(madeStore(3), 2)).toBeUndefined();
  });

  it('wants nothing of an empty folder when nothing was acknowledged', () => {
    expect(checkDirectory(freshDirectory(), 0)).toBeUndefined();
    expect(checkDirectory(freshDirectory(), 1)).toEqual({
      class: 'lost',
      detail: 'operation 1 is gone (1 acknowledged, 0 recovered)',
    });
  });
});

describe('checkDirectory on what each fault leaves behind', () => {
  it('ack-before-fsync: the last acknowledged record is not there: lost', () => {
    expect(checkDirectory(madeStore(2, 'ack-before-fsync'), 3)).toMatchObject({ class: 'lost' });
  });

  it('rotate-without-dirsync: the segment still has its temporary name: lost', () => {
    const directory = madeStore(COUNT, 'rotate-without-dirsync');
    renameSync(join(directory, '000005.log'), join(directory, '000005.log.tmp'));
    expect(checkDirectory(directory, COUNT)).toMatchObject({ class: 'lost' });
  });

  it('rename-without-fsync: the segment has its name and no content: torn', () => {
    const directory = madeStore(COUNT, 'rename-without-fsync');
    truncateSync(join(directory, '000005.log'), 0);
    expect(checkDirectory(directory, COUNT)).toEqual({
      class: 'torn',
      detail: '000005.log (0 bytes) does not start with a whole record',
    });
  });

  describe('text-records', () => {
    const line = `${operationKey(4)} ${operationValue(4)}\n`;

    it.each([1, 5, 10, 11, 12, 200, line.length - 2])('a line cut after %i bytes: torn', (length) => {
      const directory = madeStore(3, 'text-records');
      appendFileSync(join(directory, '000001.txt'), line.slice(0, length));
      expect(checkDirectory(directory, 3)).toMatchObject({ class: 'torn' });
    });

    it.each([
      ['all of the line', '\0'.repeat(line.length)],
      ['its end', line.slice(0, 100).padEnd(line.length, '\0')],
      ['its beginning', line.slice(100).padStart(line.length, '\0')],
    ])('zeros for %s: torn', (_, tail) => {
      const directory = madeStore(3, 'text-records');
      appendFileSync(join(directory, '000001.txt'), tail);
      expect(checkDirectory(directory, 3)).toMatchObject({ class: 'torn' });
    });

    it('a line that lacks only its line feed is whole', () => {
      const directory = madeStore(3, 'text-records');
      appendFileSync(join(directory, '000001.txt'), line.slice(0, -1));
      expect(checkDirectory(directory, 4)).toBeUndefined();
    });
  });
});

describe('checkDirectory on other damage', () => {
  it('a missing segment in the middle: reordered', () => {
    const directory = madeStore(COUNT);
    rmSync(join(directory, '000003.log'));
    expect(checkDirectory(directory, COUNT)).toEqual({
      class: 'reordered',
      detail: 'segment 3 is missing, but 000004.log is there',
    });
  });

  it('a missing last segment: lost', () => {
    const directory = madeStore(COUNT);
    rmSync(join(directory, '000005.log'));
    expect(checkDirectory(directory, COUNT)).toMatchObject({ class: 'lost' });
  });

  it('a flipped bit in an older segment: corrupt', () => {
    const directory = madeStore(COUNT);
    const path = join(directory, '000002.log');
    const bytes = readFileSync(path);
    bytes[3000]! ^= 4;
    writeFileSync(path, bytes);
    expect(checkDirectory(directory, COUNT)).toMatchObject({ class: 'corrupt' });
  });

  const x = 'x'.repeat(50);
  it.each([
    ['another value', operationKey(3), x, 'corrupt'],
    ['half a value', operationKey(3), operationValue(3).slice(0, 20), 'torn'],
    ['an operation in front of its turn', operationKey(4), operationValue(4), 'reordered'],
    ['an operation for the second time', operationKey(2), operationValue(2), 'corrupt'],
    ['a key that the workload never writes', 'key-3', x, 'phantom'],
    ['operation 0', 'key-000000', x, 'phantom'],
  ])('a well-formed record with %s', (_, key, value, expected) => {
    const directory = madeStore(2);
    new AppendLogStore(directory).put(key, value);
    expect(checkDirectory(directory, 2)).toMatchObject({ class: expected });
  });
});
