/**
 * Is a disk whose journal was fast-forwarded recovered to what the kernel alone makes of it? The disks are real crash states:
 * copies of a loop device's file while ext4 is mounted on it and at work.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { treeHash } from '../../src/engine/tree-hash.ts';
import type { BlockDevice } from '../../src/host/block-device.ts';
import { attachLoop } from '../../src/host/loop-device.ts';
import { copySparse, writeAll } from '../../src/host/sparse.ts';
import { flushBlockDevice } from '../../src/host/sys/block-cache.ts';
import { mount, unmount } from '../../src/host/sys/mount.ts';
import type { ReadDisk } from '../../src/journal/block-reader.ts';
import { JournalForwarder } from '../../src/journal/journal-forwarder.ts';
import { JOURNAL_MAGIC } from '../../src/journal/journal-superblock.ts';
import { SectorCounts } from '../../src/tracer/sector-counts.ts';
import { GIB, MIB } from '../../src/units.ts';
import { obstacleTo } from './needs.ts';
import { skipped, useBench } from './support/crash-images.ts';

interface Disk {
  readonly mkfs: readonly string[];
  readonly sectorBytes: number;
  readonly options: string;
  readonly states: number;
}

const block4k = { mkfs: ['-b', '4096'], sectorBytes: 512, options: '', states: 24 };
const DISKS: Record<string, Disk> = {
  'data=ordered': { ...block4k, options: 'data=ordered', states: 100 },
  'data=journal': { ...block4k, options: 'data=journal', states: 100 },
  'data=writeback': { ...block4k, options: 'data=writeback', states: 100 },
  '1 KiB blocks': { ...block4k, mkfs: ['-b', '1024'] },
  '1 KiB blocks, data=journal': { ...block4k, mkfs: ['-b', '1024'], options: 'data=journal' },
  '4096-byte sectors': { ...block4k, sectorBytes: 4096 },
  'no checksums': { ...block4k, mkfs: ['-b', '4096', '-O', '^metadata_csum'] },
  'no checksums, 32-bit': { ...block4k, mkfs: ['-b', '4096', '-O', '^metadata_csum,^64bit'] },
  '32-bit, checksums': { ...block4k, mkfs: ['-b', '4096', '-O', '^64bit'] },
  'a block map': { ...block4k, mkfs: ['-b', '1024', '-O', '^extents,^64bit,^metadata_csum'], options: 'data=journal' },
};

const bench = useBench();
const reason = obstacleTo('ext4');

/** Makes a disk, works on it, and hands over a copy of it after every operation. */
function eachCrash(disk: Disk, visit: (path: string, round: number) => void): void {
  const path = join(bench.folder, 'living.img');
  const fd = openSync(path, 'w');
  ftruncateSync(fd, 32 * MIB);
  closeSync(fd);
  const device = attachLoop(path, bench.folder, disk.sectorBytes);
  bench.scope.add('device', () => device.release());
  const { mkfs, options } = disk;
  execFileSync('mkfs.ext4', ['-q', '-F', '-J', 'size=4', '-E', 'lazy_itable_init=0', ...mkfs, device.path]);
  const living = join(bench.folder, 'living');
  mkdirSync(living);
  mount({ source: device.path, target: living, type: 'ext4', flags: 0, data: options });
  try {
    for (let round = 0; round < disk.states; round++) {
      work(living, round);
      execFileSync('sync', ['-f', living]);
      // A file of its own for each, so that nothing of the last one's device can reach it.
      const crash = join(bench.folder, `crash-${round}.img`);
      copyAtRest(device, path, crash);
      visit(crash, round);
      rmSync(crash);
    }
  } finally {
    unmount(living);
  }
}

/** Nothing may be written while the copy is made, or it would be a disk that never was. */
function copyAtRest(device: BlockDevice, path: string, copy: string): void {
  const counts = new SectorCounts(device);
  try {
    for (;;) {
      const before = counts.read();
      copySparse(path, copy);
      const after = counts.read();
      if (before.inFlight === 0 && after.inFlight === 0 && before.written === after.written) return;
    }
  } finally {
    counts.close();
  }
}

/** Files that begin as the journal's own blocks do (escaped), and folders that come and go (revoked). */
function work(folder: string, round: number): void {
  const content = Buffer.alloc(9000, round + 1);
  content.writeUInt32BE(JOURNAL_MAGIC, 0);
  content.writeUInt32BE(JOURNAL_MAGIC, 4096);
  writeFileSync(join(folder, `file-${round % 7}`), content, { flush: true });
  const nested = join(folder, `folder-${round % 3}`);
  if (readdirSync(folder).includes(`folder-${round % 3}`)) rmSync(nested, { recursive: true });
  else {
    mkdirSync(nested);
    for (let i = 0; i < 20; i++) writeFileSync(join(nested, `a-rather-long-name-for-a-small-file-${i}`), `${round}`);
  }
  if (round % 4 === 3) renameSync(join(folder, `file-${round % 7}`), join(folder, `renamed-${round % 5}`));
}

function recoveredTree(path: string, { sectorBytes, options }: Disk): string | undefined {
  const device = attachLoop(path, bench.folder, sectorBytes);
  try {
    mount({ source: device.path, target: bench.target, type: 'ext4', flags: 0, data: options });
    const tree = treeHash(bench.target, GIB);
    unmount(bench.target);
    flushBlockDevice(device.fd, device.path);
    return tree;
  } finally {
    device.release();
  }
}

function readerOf(fd: number): ReadDisk {
  return (target, offsetBytes) => void target.fill(0, readSync(fd, target, 0, target.length, offsetBytes));
}

describe.skipIf(reason !== undefined)(`a journal that was fast-forwarded${skipped(reason)}`, () => {
  it.each(Object.entries(DISKS))('recovers to the same files: %s', (_, disk) => {
    let forwarder: JournalForwarder | undefined;
    let forwarded = 0;
    let writes = 0;
    eachCrash(disk, (path, round) => {
      const forwardedPath = join(bench.folder, `forwarded-${round}.img`);
      copySparse(path, forwardedPath);
      const fd = openSync(forwardedPath, 'r+');
      // A new one, and one that remembers what it is not told to forget: here everything may have changed.
      forwarder ??= JournalForwarder.for(readerOf(fd));
      forwarder!.forget([{ offsetBytes: 0, lengthBytes: 32 * MIB }]);
      const patches = forwarder!.patches(readerOf(fd));
      for (const { offsetBytes, content } of patches ?? []) writeAll(fd, content, offsetBytes);
      closeSync(fd);
      if (patches) forwarded++;
      writes += patches?.length ?? 0;
      const plain = recoveredTree(path, disk);
      expect(plain).toBeDefined();
      expect(recoveredTree(forwardedPath, disk), `round ${round}`).toBe(plain);
      if (patches) execFileSync('e2fsck', ['-fn', forwardedPath]);
      rmSync(forwardedPath);
    });
    expect(forwarded).toBeGreaterThan(disk.states / 2);
    expect(writes).toBeGreaterThan(disk.states);
  });
});
