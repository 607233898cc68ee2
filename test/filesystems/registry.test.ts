import { describe, expect, it } from 'vitest';
import type { Filesystem } from '../../src/filesystems/filesystem.ts';
import { FILESYSTEM_NAMES, FILESYSTEMS, findFilesystem, isFilesystemName } from '../../src/filesystems/registry.ts';

describe('the registry', () => {
  it('knows these', () => {
    expect(FILESYSTEM_NAMES).toEqual(['ext4', 'xfs', 'btrfs']);
    expect(findFilesystem('xfs')).toBe(FILESYSTEMS.xfs);
    expect(findFilesystem('zfs')).toBeUndefined();
    expect(isFilesystemName('toString')).toBe(false);
  });
});

describe.each(FILESYSTEM_NAMES)('%s', (name) => {
  const filesystem: Filesystem = FILESYSTEMS[name];

  it('is registered under its own name', () => {
    expect(filesystem.name).toBe(name);
  });

  it('has a default size that its mkfs accepts, in whole MiB', () => {
    expect(filesystem.defaultBytes).toBeGreaterThanOrEqual(filesystem.minimumBytes);
    expect(filesystem.defaultBytes % 2 ** 20).toBe(0);
    expect(filesystem.minimumBytes % 4096).toBe(0);
  });

  it('puts extra arguments of mkfs just before the device', () => {
    const plain = filesystem.mkfs('/dev/x', []);
    expect(plain.at(-1)).toBe('/dev/x');
    expect(filesystem.mkfs('/dev/x', ['-L', 'label'])).toEqual([...plain.slice(0, -1), '-L', 'label', '/dev/x']);
  });

  it('names the package of each program that it calls', () => {
    const programs = filesystem.tools.map(({ program }) => program);
    expect(programs).toContain(filesystem.mkfs('/dev/x', [])[0]);
    expect(programs).toContain(filesystem.fsck('/dev/x')[0]);
  });

  it('gives a meaning to every exit status, and calls only 0 clean', () => {
    for (let status = -1; status < 256; status++) {
      const outcome = filesystem.fsckOutcome(status, '');
      expect(outcome === 'clean').toBe(status === 0);
      expect(['clean', 'damaged', 'could-not-tell']).toContain(outcome);
    }
  });

  it('calls a killed or unknown end no damage', () => {
    for (const status of [-1, 16, 32, 126, 127, 128, 137, 255]) {
      expect(filesystem.fsckOutcome(status, 'Fix? no')).toBe('could-not-tell');
    }
  });
});
