import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newEntry } from '../../src/dmlog/new-entry.ts';
import { MANIFEST, makeRecording } from '../pipeline/made-recording.ts';
import { SECTOR, sectors, writeAndIndex } from '../support/log-file.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';
import { runMain } from './run-main.ts';

const path = useTemporaryFolder();
const before = process.cwd();
beforeEach(() => {
  process.chdir(path());
  makeRecording(path('r'), [
    newEntry.write(0, sectors('a')),
    newEntry.flush(),
    newEntry.mark('ack:one'),
    newEntry.write(1, sectors('b')),
    newEntry.write(2, sectors('c', 2)),
    newEntry.flush(),
  ]);
});
afterEach(() => process.chdir(before));

describe('powercut show', () => {
  it('says what is on the disk, what is not, and why', async () => {
    const { status, stdout } = await runMain('show', 'r', 'p1+4.1');
    expect(status).toBe(0);
    expect(stdout.split('\n').slice(0, 7)).toEqual([
      'p1+4.1: the power went behind entry 1, before the barrier at 5 completed',
      'assumes: torn-512',
      'present  0: the flush at 1 had completed',
      'absent   3: on the way: the barrier at 5 had not completed',
      'torn     4 (its sectors 1): on the way: the barrier at 5 had not completed',
      'acknowledged: 1, the last "one"',
      '',
    ]);
    expect(stdout).toContain('-- the crash point --');
  });

  it('says which bit is flipped, and of no other device', async () => {
    const { status, stdout } = await runMain('show', 'r', 'p1%7.5');
    expect(status).toBe(0);
    expect(stdout).toContain('and bit 5 of byte 7 of the device is flipped: bit-rot, which no log proves\n');
    expect((await runMain('show', 'r', `p1%${MANIFEST.device.bytes}.0`)).status).toBe(64);
  });

  it('writes the disk out, once', async () => {
    expect((await runMain('show', 'r', 'p1', '--image', 'disk.img')).status).toBe(0);
    expect(statSync('disk.img').size).toBe(MANIFEST.device.bytes);
    const again = await runMain('show', 'r', 'p1', '--image', 'disk.img');
    expect(again).toMatchObject({ status: 64 });
    expect(again.stderr).toContain('--image disk.img: it exists');
  });

  it('refuses what is no state of the recording, and writes nothing', async () => {
    const { status, stderr } = await runMain('show', 'r', 'p1~0', '--image', 'disk.img');
    expect(status).toBe(64);
    expect(stderr).toContain('p1~0 is no state of this recording: entry 0 is no flush up to its crash point');
    expect(existsSync('disk.img')).toBe(false);
  });
});

describe('powercut show of a power cut during recovery', () => {
  beforeEach(() => {
    mkdirSync(path('r', 'recoveries'));
    writeAndIndex(path('r', 'recoveries', 'p1.log'), [
      newEntry.write(0, sectors('R')),
      newEntry.flush(),
      newEntry.write(1, sectors('S')),
      newEntry.flush(),
    ]);
    writeAndIndex(path('r', 'recoveries', 'p1:p1.log'), [newEntry.write(3, sectors('T')), newEntry.flush()]);
  });

  it('tells of the state and of what its recovery had written, and writes that disk out', async () => {
    const { status, stdout } = await runMain('show', 'r', 'p1:p1', '--image', 'disk.img');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^p1: the power went behind entry 1/);
    const [, recovery] = stdout.split('then p1 was mounted and recovered, and the power went again behind entry 1 of ');
    expect(recovery).toMatch(
      /^what that wrote \(.*r\/recoveries\/p1\.log\):\n +0 .*WRITE.*\n +1 .*FLUSH.*\n-- the crash point --\n +2 /,
    );
    const disk = readFileSync('disk.img');
    expect(disk.subarray(0, SECTOR).equals(sectors('R'))).toBe(true);
    expect(disk[SECTOR]).toBe(0);
    expect(disk.length).toBe(MANIFEST.device.bytes);
    expect(existsSync('disk.img.recovering')).toBe(false);
  });

  it('goes on from one recovery to the next', async () => {
    const { status, stdout } = await runMain('show', 'r', 'p1:p1:p1', '--image', 'disk.img');
    expect(status).toBe(0);
    expect(stdout).toContain('then p1:p1 was mounted and recovered');
    const disk = readFileSync('disk.img');
    expect([0, 1, 3].map((sector) => String.fromCharCode(disk[sector * SECTOR]!))).toEqual(['R', '\0', 'T']);
  });

  it.each([
    ['p1:p3:p1', /p1:p3\.log is not there; the log of a recovery is kept when .*powercut replay .*r --state p1:p3:p1/],
    ['p1:p2', /p1\.log has no barrier at entry 2/],
  ])('refuses %s, of which nothing is known', async (state, message) => {
    const { status, stderr } = await runMain('show', 'r', state, '--image', 'disk.img');
    expect(status).toBe(64);
    expect(stderr).toMatch(message);
    expect(existsSync('disk.img')).toBe(false);
  });
});
