/** Where files are on the device, asked of real file systems and held against what the device shows. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { placeFiles, placesBefore } from '../../src/engine/file-places.ts';
import { FILESYSTEMS } from '../../src/filesystems/registry.ts';
import type { Filesystem } from '../../src/filesystems/filesystem.ts';
import { attachLoop } from '../../src/host/loop-device.ts';
import { Scope } from '../../src/host/scope.ts';
import { scratchMemory } from '../../src/host/scratch.ts';
import { detachMount, mount } from '../../src/host/sys/mount.ts';
import { GIB } from '../../src/units.ts';
import { obstacleTo } from './needs.ts';
import { useOwnMounts } from './support/own-mounts.ts';

const LENGTH = 10_000;
const content = Buffer.from(Array.from({ length: LENGTH }, (_, i) => (i * 7 + (i >> 8)) % 251));

let scope: Scope;
let folder: string;

useOwnMounts();
beforeEach(() => {
  if (process.geteuid?.() !== 0) return;
  scope = new Scope();
  folder = scratchMemory(scope, 2 * GIB);
  mkdirSync(join(folder, 'mnt'));
});
afterEach(async () => {
  if (process.geteuid?.() === 0) expect(await scope.release()).toEqual([]);
});

/** A fresh file system, mounted. */
function mounted(filesystem: Filesystem): { image: string; target: string } {
  const [image, target] = [join(folder, 'image'), join(folder, 'mnt')];
  writeFileSync(image, '');
  truncateSync(image, filesystem.defaultBytes);
  const device = attachLoop(image, folder, 512);
  scope.add('loop device', () => device.release());
  const [program = '', ...words] = filesystem.mkfs(device.path, []);
  execFileSync(program, words, { stdio: 'ignore' });
  mount({ source: device.path, target, type: filesystem.name, flags: 0, data: '' });
  scope.add('mount', () => detachMount(target));
  return { image, target };
}

describe.each(Object.entries(FILESYSTEMS) as [string, Filesystem][])('the files of %s', (name, filesystem) => {
  const reason = obstacleTo(name);
  const run = it.skipIf(reason !== undefined);

  run(`stand where they are said to be, and nowhere else${reason ? ` (skipped: ${reason})` : ''}`, () => {
    const { image, target } = mounted(filesystem);
    mkdirSync(join(target, 'below'));
    writeFileSync(join(target, 'below', 'file'), content);
    linkSync(join(target, 'below', 'file'), join(target, 'same'));
    symlinkSync('below/file', join(target, 'link'));
    writeFileSync(join(target, 'hole'), '');
    truncateSync(join(target, 'hole'), 5000);
    writeFileSync(join(target, 'zeros'), Buffer.alloc(8192));
    // A block map, ext2's, has no word for space that is reserved and unwritten: fallocate(2) is refused there.
    const reservedBytes = name === 'ext2' ? 0 : 4096;
    if (reservedBytes > 0) execFileSync('fallocate', ['-l', String(reservedBytes), join(target, 'reserved')]);
    const before = join(folder, 'before');
    // Written back, so that the copy is what a later mount finds.
    const first = placeFiles(target, image);
    copyFileSync(image, before);

    const { contentBytes, unplacedBytes, unprovedBytes } = first;
    const holeBytes = 5000 + reservedBytes;
    expect({ contentBytes, unplacedBytes }).toEqual({
      contentBytes: LENGTH + 8192 + holeBytes,
      unplacedBytes: holeBytes,
    });
    // Zeros prove nothing. btrfs may answer in another address space than the device's, and then nothing is proved.
    const proved = placesBefore(first, image, []);
    const provedBytes = proved.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
    expect([8192, ...(name === 'btrfs' ? [8192 + LENGTH] : [])]).toContain(unprovedBytes);
    expect(provedBytes).toBe(LENGTH + 8192 - unprovedBytes);
    const disk = readFileSync(image);
    const shown = proved.map(({ offsetBytes, lengthBytes }) => disk.subarray(offsetBytes, offsetBytes + lengthBytes));
    expect(Buffer.concat(shown).equals(content.subarray(0, provedBytes))).toBe(true);

    // What another disk shows there, and what was written, is left out.
    expect(placesBefore(first, '/dev/zero', [])).toEqual([]);
    for (const { offsetBytes } of proved) {
      const left = placesBefore(first, before, [{ offsetBytes, lengthBytes: 1 }]);
      expect(left.some((extent) => extent.offsetBytes === offsetBytes)).toBe(false);
    }
    const elsewhere = join(folder, 'elsewhere');
    writeFileSync(elsewhere, '');
    truncateSync(elsewhere, filesystem.defaultBytes);
    const distrusted = placeFiles(target, elsewhere);
    expect(distrusted).toMatchObject({ blocks: [], unprovedBytes: LENGTH + 8192 });
  });
});
