/** `powercut log` on real logs, on files that are none, and on one that was made to do harm. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it, type TestContext } from 'vitest';
import { newEntry } from '../../src/dmlog/new-entry.ts';
import { writeLog } from '../../src/dmlog/writer.ts';
import { sampleBytes, type SampleLog } from '../dmlog/samples.ts';
import { powercut } from './support/powercut.ts';
import { requirement } from './support/requirement.ts';
import { workFolder, type WorkFolder } from './support/work-folder.ts';

const COMPLETE = 'complete: the last entry is the mark dm-log-writes-end';
const TRUNCATED = 'truncated: the last entry is not the mark dm-log-writes-end';

/** As in test/fixtures/logs/README.md. */
const LOGS: readonly [SampleLog, number, string][] = [
  ['e1-ordering-512.log', 14, COMPLETE],
  ['e2-remove-splice-inversion-512.log', 352, COMPLETE],
  ['e3-lbs4096.log', 8, COMPLETE],
  ['e5-logdev-full.log', 7, TRUNCATED],
  ['r2-ext4-commit-and-fua-inversion.log', 152, COMPLETE],
  ['r6-qemu72-blklogwrites.log', 9, TRUNCATED],
  ['sqlite-wal-ext4.log.img', 495, COMPLETE],
];

interface Entry {
  readonly entry: number;
  readonly mark?: string;
}

function begin(context: TestContext, log?: Uint8Array): WorkFolder {
  requirement(context);
  const folder = workFolder((remove) => context.onTestFinished(remove));
  if (log) writeFileSync(folder.path('log'), log);
  return folder;
}

const linesOf = (text: string): string[] => text.trimEnd().split('\n');

describe.concurrent('a log', () => {
  it.for(LOGS.slice(0, 2))('is printed as JSON, one entry a line: %s, %d entries', async ([name, count], context) => {
    const { status, stdout } = await powercut(['log', '--json', 'log'], begin(context, sampleBytes(name)));
    expect(status).toBe(0);
    const entries = linesOf(stdout).map((line) => JSON.parse(line) as Entry);
    expect(entries.map(({ entry }) => entry)).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  it.for(LOGS)('is summed up: %s, %d entries, %s', async ([name, count, end], context) => {
    const { status, stdout } = await powercut(['log', '--summary', 'log'], begin(context, sampleBytes(name)));
    expect(status).toBe(0);
    const [first] = linesOf(stdout);
    expect(first).toMatch(/^dm-log-writes log, version 1, (?:512|4096)-byte sectors, \d+ entries$/);
    expect(first).toContain(` ${count} entries`);
    expect(stdout).toContain(end);
    expect(stdout.endsWith('\n')).toBe(true);
  });

  it('is printed for people: a line an entry, then the summary', async (context) => {
    const { status, stdout } = await powercut(['log', 'log'], begin(context, sampleBytes('e1-ordering-512.log')));
    expect(status).toBe(0);
    const lines = linesOf(stdout);
    expect(lines[0]).toBe('     0  @512  FUA  sector 0 +8 (4096 bytes)');
    expect(lines[1]).toBe('     1  @5120  WRITE  sector 0 +8 (4096 bytes)');
    expect(lines[4]).toMatch(/^ {5}4 {2}@\d+ {2}MARK {2}"m2"$/);
    expect(lines[14]).toContain('14 entries');
  });

  it('cannot send commands to a terminal', async (context) => {
    const evil = '\u001b]0;owned\u0007\u001b[2J\u202e';
    const log = writeLog([newEntry.mark(evil)], { sectorBytes: 512 });
    const folder = begin(context, log);
    const { stdout } = await powercut(['log', 'log'], folder);
    expect(stdout).toContain('"\\u{1b}]0;owned\\u{7}\\u{1b}[2J\\u{202e}"');
    expect(stdout).not.toMatch(/[^\n\x20-\x7e]/);
    const json = await powercut(['log', '--json', 'log'], folder);
    expect((JSON.parse(json.stdout) as Entry).mark).toBe(evil);
  });
});

describe.concurrent('what is no log', () => {
  const good = sampleBytes('e1-ordering-512.log');
  /** A superblock that claims 2^60 entries, where the file holds one. */
  const boastful = writeLog([newEntry.flush()], { sectorBytes: 512 });
  boastful.writeBigUInt64LE(2n ** 60n, 16);
  const cut = good.subarray(0, 6000);

  it.for([
    ['is empty', new Uint8Array()],
    ['is something else', Buffer.from('#!/bin/sh\necho hello\n'.repeat(100))],
    ['is zeros', new Uint8Array(1 << 20)],
    ['claims more entries than there can be', boastful],
    ['is cut off in the middle of an entry', cut],
  ] as const)('is refused, with the file and the reason, when it %s', async ([, bytes], context) => {
    const { status, stderr } = await powercut(['log', '--summary', 'log'], begin(context, bytes));
    expect(status).toBe(70);
    expect(stderr).toMatch(/^powercut: write log log: .+: .+\nNothing from there on can be trusted/);
  });

  it.for([
    ['there is no such file', 'nowhere', 'nowhere: no such file'],
    ['it is a folder without a log', 'folder', 'folder/log'],
  ] as const)('is a wrong argument when %s', async ([, path, reason], context) => {
    const folder = begin(context);
    mkdirSync(folder.path('folder'));
    const { status, stdout, stderr } = await powercut(['log', path], folder);
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
    expect(stderr).toContain(reason);
  });
});
