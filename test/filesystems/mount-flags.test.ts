import { describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { MS, splitMountOptions } from '../../src/filesystems/mount-flags.ts';

describe('splitMountOptions', () => {
  it('gives nothing for nothing', () => {
    expect(splitMountOptions([])).toEqual({ flags: 0, data: '' });
    expect(splitMountOptions(['defaults', 'rw'])).toEqual({ flags: 0, data: '' });
  });

  // The numbers are the kernel's ABI, include/uapi/linux/mount.h.
  it.each([
    ['nosuid', 2],
    ['nodev', 4],
    ['noexec', 8],
    ['sync', 16],
    ['mand', 64],
    ['dirsync', 128],
    ['nosymfollow', 256],
    ['noatime', 1024],
    ['nodiratime', 2048],
    ['relatime', 2_097_152],
    ['iversion', 8_388_608],
    ['strictatime', 16_777_216],
    ['lazytime', 33_554_432],
  ])('makes %s the flag %i', (option, flags) => {
    expect(splitMountOptions([option])).toEqual({ flags, data: '' });
  });

  it.each([
    ['nosuid', 'suid'],
    ['nodev', 'dev'],
    ['noexec', 'exec'],
    ['sync', 'async'],
    ['noatime', 'atime'],
    ['nodiratime', 'diratime'],
    ['relatime', 'norelatime'],
    ['strictatime', 'nostrictatime'],
    ['lazytime', 'nolazytime'],
    ['mand', 'nomand'],
    ['iversion', 'noiversion'],
    ['nosymfollow', 'symfollow'],
  ])('lets the last of %s and %s win', (option, opposite) => {
    expect(splitMountOptions([option, opposite]).flags).toBe(0);
    expect(splitMountOptions([opposite, option]).flags).not.toBe(0);
  });

  it('keeps the rest, in order, for the file system', () => {
    const options = ['data=journal', 'noatime', 'barrier=1', 'nodev', 'commit=1', 'constructor'];
    expect(splitMountOptions(options)).toEqual({
      flags: MS.NOATIME | MS.NODEV,
      data: 'data=journal,barrier=1,commit=1,constructor',
    });
  });

  it.each([
    'ro',
    'remount',
    'bind',
    'loop',
    'loop=/dev/loop3',
    'offset=4096',
    'noload',
    'norecovery',
    'errors=panic',
    'user',
  ])('refuses %s', (option) => {
    expect(() => splitMountOptions(['noatime', option])).toThrow(UsageError);
    expect(() => splitMountOptions([option])).toThrow(`the mount option "${option}" cannot be used: `);
  });

  it('refuses one value of an option and not the others', () => {
    expect(splitMountOptions(['errors=remount-ro']).data).toBe('errors=remount-ro');
  });

  it('refuses half of a quoted option', () => {
    expect(() => splitMountOptions(['context="a', 'b"'])).toThrow('holds a quote');
  });
});
