/** The descriptions held to the real programs, on files: no root, no device. */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Filesystem, FsckOutcome } from '../../src/filesystems/filesystem.ts';
import { FILESYSTEM_NAMES, FILESYSTEMS, type FilesystemName } from '../../src/filesystems/registry.ts';
import { parseFilesystemSpec } from '../../src/filesystems/spec.ts';

const MIB = 2 ** 20;
const env = { ...process.env, LC_ALL: 'C', PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'powercut-filesystems-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface ToolRun {
  readonly status: number;
  readonly output: string;
}

function run([program = '', ...rest]: readonly string[]): ToolRun {
  const { status, stdout, stderr, error } = spawnSync(program, rest, { env, encoding: 'utf8', timeout: 60_000 });
  if (error) throw error;
  return { status: status ?? -1, output: stdout + stderr };
}

function make(filesystem: Filesystem, bytes: number, options: readonly string[] = []): ToolRun & { path: string } {
  const path = join(folder, `${filesystem.name}.img`);
  writeFileSync(path, '');
  truncateSync(path, bytes);
  return { ...run(filesystem.mkfs(path, options)), path };
}

function judge(filesystem: Filesystem, path: string): FsckOutcome {
  const { status, output } = run(filesystem.fsck(path));
  return filesystem.fsckOutcome(status, output);
}

function overwrite(path: string, position: number, bytes: number): void {
  const fd = openSync(path, 'r+');
  writeSync(fd, Buffer.alloc(bytes, 0xa5), 0, bytes, position);
  closeSync(fd);
}

type Made = Exclude<FilesystemName, 'raw'>;
const MADE = FILESYSTEM_NAMES.filter((name): name is Made => name !== 'raw');

/** Damage of metadata that no redundancy of the file system makes up for. */
const DAMAGE: Record<Made, (path: string) => void> = {
  // Bitmaps and inode table of the first group.
  ext4: (path) => overwrite(path, 20 * 4096, 4 * 4096),
  ext2: (path) => overwrite(path, 20 * 4096, 4 * 4096),
  // Segment information table, where mkfs puts it at this size.
  f2fs: (path) => overwrite(path, 1536 * 4096, 16 * 4096),
  // Free space header of the first allocation group.
  xfs: (path) => overwrite(path, 512, 512),
  // Every copy of every tree block carries the file system's id, which the superblock at 64 KiB has too.
  btrfs(path) {
    const image = readFileSync(path);
    const id = image.subarray(65_536 + 32, 65_536 + 48);
    for (let block = MIB; block < image.length; block += 16_384) {
      if (image.subarray(block + 32, block + 48).equals(id)) overwrite(path, block + 120, 200);
    }
  },
};

const isThere = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`], { env }).status === 0;

describe.each(MADE)('the tools of %s', (name) => {
  const filesystem: Filesystem = FILESYSTEMS[name];
  const missing = filesystem.tools.filter(({ program }) => !isThere(program)).map(({ program }) => program);

  describe.skipIf(missing.length > 0)(
    missing.length > 0 ? `(${missing.join(', ')} not installed)` : 'installed here',
    () => {
      it('make the smallest size, and nothing below it', () => {
        expect(make(filesystem, filesystem.minimumBytes)).toMatchObject({ status: 0 });
        expect(judge(filesystem, join(folder, `${name}.img`))).toBe('clean');
        expect(make(filesystem, filesystem.minimumBytes - MIB).status).not.toBe(0);
      });

      it('find a fresh default one clean, and a damaged one damaged', () => {
        const { path, status } = make(filesystem, filesystem.defaultBytes);
        expect(status).toBe(0);
        expect(judge(filesystem, path)).toBe('clean');
        DAMAGE[name](path);
        expect(judge(filesystem, path)).toBe('damaged');
      });

      it.runIf(filesystem.repair)('repair a damaged one', () => {
        const { path } = make(filesystem, filesystem.defaultBytes);
        DAMAGE[name](path);
        const { status, output } = run(filesystem.repair!.argv(path));
        expect({ status, outcome: filesystem.repair!.outcome(status, output) }).toEqual({
          status: 1,
          outcome: 'clean',
        });
        expect(judge(filesystem, path)).toBe('clean');
      });

      it('could not tell when there is no such device', () => {
        expect(judge(filesystem, join(folder, 'nowhere'))).toBe('could-not-tell');
      });
    },
  );
});

describe.skipIf(!isThere('mkfs.xfs'))('mkfs.xfs', () => {
  it('makes the smallest size with 4096-byte sectors too', () => {
    expect(make(FILESYSTEMS.xfs, FILESYSTEMS.xfs.minimumBytes, ['s=size=4096'])).toMatchObject({ status: 0 });
  });
});

describe.skipIf(!isThere('dumpe2fs'))('mkfs.ext4', () => {
  it.each([FILESYSTEMS.ext4.minimumBytes, FILESYSTEMS.ext4.defaultBytes])(
    'makes %i bytes with a small journal',
    (bytes) => {
      const { path } = make(FILESYSTEMS.ext4, bytes);
      const { output } = run(['dumpe2fs', '-h', path]);
      expect(output).toMatch(/^Filesystem features:.*has_journal/m);
      expect(output).toMatch(/^Total journal size: +(?:4M|4096k)$/m);
      expect(output).toMatch(/^Block size: +4096$/m);
    },
  );
});

describe.skipIf(!isThere('dumpe2fs'))('options of mkfs', () => {
  it('reach mkfs.ext4, beside the standard ones', () => {
    const spec = parseFilesystemSpec('ext4:mkfs.b=1024,mkfs.O=fast_commit,mkfs.O=^metadata_csum');
    const { path, status } = make(FILESYSTEMS.ext4, FILESYSTEMS.ext4.defaultBytes, spec.mkfsOptions);
    expect(status).toBe(0);
    const { output } = run(['dumpe2fs', '-h', path]);
    expect(output).toMatch(/^Block size: +1024$/m);
    expect(output).toMatch(/^Filesystem features:.*\bfast_commit\b/m);
    expect(output).not.toMatch(/^Filesystem features:.*\bmetadata_csum\b/m);
    expect(judge(FILESYSTEMS.ext4, path)).toBe('clean');
  });
});
