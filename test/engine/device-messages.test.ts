import { describe, expect, it } from 'vitest';
import { damageAmong, linesAbout } from '../../src/engine/device-messages.ts';

const LINES = [
  'EXT4-fs error (device loop1): bad',
  'EXT4-fs error (device loop12): bad',
  'WARNING: at fs/x.c',
  'loop1: fine',
];

describe('messages of the kernel', () => {
  it('about one device are told without its name, which is chance', () => {
    expect(linesAbout(LINES, 'loop1')).toEqual(['EXT4-fs error (device DEVICE): bad', 'DEVICE: fine']);
    expect(linesAbout(LINES, 'loop2')).toEqual([]);
  });

  it('that mean damage are those about the device, and the kernel itself', () => {
    const patterns = [/EXT4-fs error/, /WARNING/];
    const ours = ['EXT4-fs error (device DEVICE): bad', 'WARNING: at fs/x.c'];
    expect(damageAmong(LINES, 'loop1', patterns, false)).toEqual({ ours, anybodys: [] });
  });

  it('that name no device are not certainly about this one where others share the kernel', () => {
    const patterns = [/EXT4-fs error/, /WARNING/, /Oops/];
    const lines = [...LINES, 'WARNING: loop7: at fs/x.c', 'WARNING: zram7: at fs/x.c', 'Oops: on loop1'];
    expect(damageAmong(lines, 'loop1', patterns, true)).toEqual({
      ours: ['EXT4-fs error (device DEVICE): bad', 'Oops: on DEVICE'],
      anybodys: ['WARNING: at fs/x.c'],
    });
    expect(damageAmong(lines, 'loop2', patterns, false).ours).toEqual(['WARNING: at fs/x.c']);
  });
});
