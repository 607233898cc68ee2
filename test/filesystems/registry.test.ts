import { describe, expect, it } from 'vitest';
import type { Filesystem } from '../../src/filesystems/filesystem.ts';
import { FILESYSTEM_NAMES, FILESYSTEMS, findFilesystem, isFilesystemName } from '../../src/filesystems/registry.ts';
import { parseFilesystemSpec } from '../../src/filesystems/spec.ts';

describe('the registry', () => {
  it('knows these', () => {
    expect(FILESYSTEM_NAMES).toEqual(['ext4', 'xfs', 'btrfs', 'f2fs', 'ext2', 'raw']);
    expect(findFilesystem('xfs')).toBe(FILESYSTEMS.xfs);
    expect(findFilesystem('zfs')).toBeUndefined();
    expect(isFilesystemName('toString')).toBe(false);
  });
});

describe.each(FILESYSTEM_NAMES)('%s', (name) => {
  const filesystem: Filesystem = FILESYSTEMS[name];
  const hasFiles = filesystem.kernelType !== undefined;

  it('is registered under its own name', () => {
    expect(filesystem.name).toBe(name);
  });

  it('has a default size that its mkfs accepts, in whole MiB', () => {
    expect(filesystem.defaultBytes).toBeGreaterThanOrEqual(filesystem.minimumBytes);
    expect(filesystem.defaultBytes % 2 ** 20).toBe(0);
    expect(filesystem.minimumBytes % 4096).toBe(0);
  });

  it.runIf(hasFiles)('puts further options of mkfs just before the device', () => {
    const plain = filesystem.mkfs('/dev/x', []);
    expect(plain.at(-1)).toBe('/dev/x');
    expect(filesystem.mkfs('/dev/x', ['L=label'])).toEqual([...plain.slice(0, -1), '-L', 'label', '/dev/x']);
  });

  it('refuses what it says it refuses, with the reason', () => {
    for (const [option, reason] of Object.entries(filesystem.refusedOptions)) {
      expect(() => parseFilesystemSpec(`${name}:${option}`)).toThrow(`"${option}" cannot be used: ${reason}`);
    }
  });

  it.runIf(hasFiles)('names the package of each program that it calls', () => {
    const programs = filesystem.tools.map(({ program }) => program);
    expect(programs).toContain(filesystem.mkfs('/dev/x', [])[0]);
    expect(programs).toContain(filesystem.fsck('/dev/x')[0]);
    if (filesystem.repair) expect(programs).toContain(filesystem.repair.argv('/dev/x')[0]);
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

  it.runIf(!hasFiles)('runs nothing on a device without a file system, and takes no options', () => {
    expect([filesystem.mkfs('/dev/x', []), filesystem.fsck('/dev/x'), filesystem.tools]).toEqual([[], [], []]);
    expect(() => parseFilesystemSpec(`${name}:noatime`)).toThrow(filesystem.refusesOptions);
    expect(() => parseFilesystemSpec(`${name}:mkfs.b=4096`)).toThrow(filesystem.refusesOptions);
  });

  it('checks and repairs the device that it is given, last', () => {
    for (const argv of [filesystem.fsck('/dev/x'), filesystem.repair?.argv('/dev/x') ?? []]) {
      if (argv.length > 0) expect(argv.at(-1)).toBe('/dev/x');
    }
  });

  it('repairs to clean or to a verdict, whatever the exit status', () => {
    for (let status = -1; status < 256; status++) {
      const outcome = filesystem.repair?.outcome(status, '') ?? 'clean';
      expect(['clean', 'damaged', 'could-not-tell']).toContain(outcome);
      if (status >= 8 || status < 0) expect(outcome).toBe(filesystem.repair ? 'could-not-tell' : 'clean');
    }
  });

  it('assumes only what it can say in one line', () => {
    for (const options of [[], ['barrier=0'], ['nobarrier'], ['fsync_mode=nobarrier']]) {
      for (const text of filesystem.assumptions(options)) expect(text).toMatch(/^[^\n]+[^.\n]$/);
    }
    if (!['ext2', 'f2fs'].includes(name)) expect(filesystem.assumptions([])).toEqual([]);
  });

  it('is the same after its own canonical text', () => {
    expect(parseFilesystemSpec(name)).toEqual({ text: name, name, mountOptions: [], mkfsOptions: [] });
  });
});
