import { describe, expect, it } from 'vitest';
import { describeEntry, describeLog, entryToJson } from '../../src/dmlog/describe.ts';
import type { LogEntry } from '../../src/dmlog/entry.ts';
import { FLAG } from '../../src/dmlog/layout.ts';
import { indexLog } from '../../src/dmlog/log-index.ts';
import { logInMemory, type LogSource } from '../../src/dmlog/log-source.ts';
import { newEntry, type NewLogEntry } from '../../src/dmlog/new-entry.ts';
import { readEntries, readSuperblock } from '../../src/dmlog/reader.ts';
import { writeLog } from '../../src/dmlog/writer.ts';
import { sampleLog } from './samples.ts';

const only = (entry: NewLogEntry, sectorBytes = 512): LogEntry =>
  [...readEntries(logInMemory(writeLog([entry], { sectorBytes })))][0]!;
const summaryOf = (source: LogSource): string => describeLog(indexLog(source), readSuperblock(source));

describe('describeEntry', () => {
  it.each<[NewLogEntry, string]>([
    [newEntry.write(16, Buffer.alloc(4096)), '     0  @512  WRITE  sector 16 +8 (4096 bytes)'],
    [newEntry.fua(16, Buffer.alloc(512)), '     0  @512  FUA  sector 16 +1 (512 bytes)'],
    [newEntry.flush(), '     0  @512  FLUSH  sector 0 +0'],
    [{ flags: 19, sector: 32812 }, '     0  @512  FLUSH|FUA|METADATA  sector 32812 +0'],
    [newEntry.discard(2048, 2048), '     0  @512  DISCARD  sector 2048 +2048 (1048576 bytes, no data)'],
    [newEntry.mark('ack:7'), '     0  @512  MARK  "ack:7"'],
  ])('%o', (entry, line) => {
    expect(describeEntry(only(entry))).toBe(line);
  });

  it('counts bytes in the sectors of the log', () => {
    expect(describeEntry(only(newEntry.discard(0, 2), 4096))).toContain('(8192 bytes, no data)');
  });

  it.each([
    ['escape sequences', '\u001b[2J', '"\\u{1b}[2J"'],
    ['C1 controls', '\u009b31m', '"\\u{9b}31m"'],
    ['line ends', 'a\r\nb\u2028c', '"a\\u{d}\\u{a}b\\u{2028}c"'],
    ['NUL and DEL', '\0\u007f', '"\\u{0}\\u{7f}"'],
    ['direction overrides', '\u202egnp', '"\\u{202e}gnp"'],
    ['quotes and backslashes', '"\\u{1b}', '"\\"\\\\u{1b}"'],
    ['plain text of any script', 'grün 数据', '"grün 数据"'],
  ])('keeps %s from the terminal', (_, mark, shown) => {
    expect(describeEntry(only(newEntry.mark(mark))).endsWith(`MARK  ${shown}`)).toBe(true);
  });
});

describe('entryToJson', () => {
  it('names flags, place and bytes', () => {
    expect(entryToJson(only({ flags: FLAG.fua | FLAG.metadata, sector: 2, data: Buffer.alloc(1024) }))).toEqual({
      entry: 0,
      flags: ['fua', 'metadata'],
      sector: 2,
      sectorCount: 2,
      bytes: 1024,
      dataBytes: 1024,
      headerOffsetBytes: 512,
      dataOffsetBytes: 1024,
    });
  });

  it('keeps a mark as it was recorded, and tells a length from data', () => {
    expect(entryToJson(only(newEntry.mark('a\u001b"b')))).toMatchObject({ flags: ['mark'], mark: 'a\u001b"b' });
    expect(entryToJson(only(newEntry.discard(0, 4)))).toMatchObject({ bytes: 2048, dataBytes: 0 });
  });
});

describe('describeLog', () => {
  it('sums up a complete log', () => {
    expect(summaryOf(sampleLog('e1-ordering-512.log'))).toBe(
      [
        'dm-log-writes log, version 1, 512-byte sectors, 14 entries',
        '  5 plain writes, 1 FUA writes, 3 flushes, 1 discards, 4 marks',
        '  84 KiB of data',
        '  complete: the last entry is the mark dm-log-writes-end',
      ].join('\n'),
    );
  });

  it('says that a log is truncated and its count stale', () => {
    const text = summaryOf(sampleLog('e5-logdev-full.log'));
    expect(text).toMatch(/\n {2}truncated: the last entry is not the mark dm-log-writes-end/);
    expect(text).toMatch(/\n {2}stale count: 8 more entries validate behind the counted 7$/);
  });

  it('says what stands behind a complete log', () => {
    const entries = [newEntry.mark('dm-log-writes-end'), newEntry.flush()];
    const text = summaryOf(logInMemory(writeLog(entries, { sectorBytes: 512, claimedEntries: 1 })));
    expect(text).toMatch(/complete: .*\n {2}leftovers: 1 more entry validates behind the counted 1/);
  });

  it('counts a commit as a flush, and once', () => {
    expect(summaryOf(sampleLog('r2-ext4-commit-and-fua-inversion.log'))).toContain('152 entries');
    const entries: NewLogEntry[] = [{ flags: 19, sector: 8 }, newEntry.fua(8, Buffer.alloc(512))];
    expect(summaryOf(logInMemory(writeLog(entries, { sectorBytes: 512 })))).toContain(
      '0 plain writes, 1 FUA writes, 1 flushes',
    );
  });
});
