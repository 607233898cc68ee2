/** The checker's own reader: the same entries as ours, and no bad log taken for a good one. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDiscard, isFlush, isMark } from '../../src/dmlog/entry-role.ts';
import { indexLog, type LogIndex } from '../../src/dmlog/log-index.ts';
import { readLog, type ReadLog } from '../../src/verify/log.ts';
import { SAMPLE_LOGS, sampleBytes, sampleLog } from '../dmlog/samples.ts';
import { anyLog, makeLog } from '../replay/any-log.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';
import { readBytes, sha256Of } from './prove.ts';

const path = useTemporaryFolder();

function expectSame({ entries, sectorBytes }: ReadLog, index: LogIndex): void {
  expect(sectorBytes).toBe(index.sectorBytes);
  expect(entries).toHaveLength(index.entryCount);
  const marks = Array.from({ length: index.marks.count }, (_, i) => [index.marks.entryAt(i), index.marks.textAt(i)]);
  expect(entries.flatMap(({ mark }, entry) => (mark === undefined ? [] : [[entry, mark]]))).toEqual(marks);
  entries.forEach(({ flushes, fua, discard, sector, sectors }, entry) => {
    const flags = index.flags[entry]!;
    expect([flushes, fua, discard]).toEqual([isFlush(flags), (flags & 2) !== 0, isDiscard(flags)]);
    expect(sectors).toBe(isMark(flags) ? 0 : index.sectorCounts[entry]);
    expect(sector).toBe(index.sectors[entry]);
  });
}

describe('the checker reads what the planner reads', () => {
  it.each(SAMPLE_LOGS)('%s', (name) => {
    const log = readBytes(sampleBytes(name));
    expectSame(log, indexLog(sampleLog(name)));
    expect(log.sha256).toBe(sha256Of(sampleBytes(name)));
  });

  it('any log', () => {
    const same = fc.property(anyLog, (entries) => {
      const { bytes, index } = makeLog(entries);
      expectSame(readBytes(bytes), index);
    });
    fc.assert(same, { numRuns: 50 });
  });
});

describe('a bad log', () => {
  const { bytes } = makeLog([{ flags: 0, sector: 1, data: Buffer.alloc(1024, 'a') }, { flags: 1 }]);
  const changed = (at: number, value: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy.writeUInt8(value, at);
    return copy;
  };

  it.each([
    ['empty', Buffer.alloc(0), /ends at byte 0/],
    ['no log', Buffer.alloc(4096, 'x'), /does not begin as a log/],
    ['another version', changed(8, 2), /version is 2/],
    ['sectors of no size', changed(25, 0), /cannot have 0 bytes/],
    ['truncated in an entry', bytes.subarray(0, 1500), /ends within entry 0/],
    ['truncated before an entry', bytes.subarray(0, 2048), /before all its entries/],
    ['a count that is not true', changed(20, 255), /before all its entries/],
    ['unknown flags', changed(512 + 16, 32), /entry 0 has the flags 32/],
    ['a length beyond all', changed(512 + 15, 255), /ends within entry 0/],
  ])('%s', (_, content, why) => {
    writeFileSync(path('log'), content);
    expect(() => readLog(path('log'))).toThrow(
      expect.objectContaining({ code: 'bad-log', message: expect.stringMatching(why) }),
    );
  });

  it('that is none at all is the caller’s mistake', () => {
    mkdirSync(path('folder'));
    for (const name of ['none', 'folder']) {
      expect(() => readLog(path(name))).toThrow(expect.objectContaining({ code: 'usage' }));
    }
  });
});

it('shares nothing with the planner: node, the errors, and itself', () => {
  const folder = new URL('../../src/verify/', import.meta.url);
  const specifiers = readdirSync(folder).flatMap((name) =>
    [...readFileSync(new URL(name, folder), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
      (match) => match[1]!,
    ),
  );
  expect(specifiers.length).toBeGreaterThan(5);
  expect(specifiers.filter((name) => !/^(?:node:[\w/]+|\.\.\/errors\.ts|\.\/[\w-]+\.ts)$/.test(name))).toEqual([]);
});
