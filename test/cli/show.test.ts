import { existsSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newEntry } from '../../src/dmlog/new-entry.ts';
import { MANIFEST, makeRecording } from '../pipeline/made-recording.ts';
import { sectors } from '../support/log-file.ts';
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
