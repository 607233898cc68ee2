import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { newEntry, type NewLogEntry } from '../../src/dmlog/new-entry.ts';
import { writeLogFile } from '../../src/dmlog/writer.ts';
import type { Filesystem } from '../../src/filesystems/filesystem.ts';
import { attachLoop } from '../../src/host/loop-device.ts';
import { copySparse, nonZeroRuns } from '../../src/host/sparse.ts';
import { mount, unmount } from '../../src/host/sys/mount.ts';

const BLOCK_BYTES = 4096;
const SECTOR_BYTES = 512;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/**
 * A log for machines without dm-log-writes: what a real file system's device holds after each of its steps, as entries.
 * The blocks that differ from one snapshot to the next become writes (those that turned to zeros: discards), and a flush
 * closes each step. So every state is one that the device was really in while the file system was mounted, and has a
 * journal to recover.
 */
export function recordSnapshots(
  folder: string,
  filesystem: Filesystem,
  stepCount: number,
  step: (mountPoint: string, round: number) => void,
): { base: string; log: string } {
  const [disk, base, log, target] = ['disk.img', 'base.img', 'log', 'recorded'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  const fd = openSync(disk, 'w+');
  ftruncateSync(fd, filesystem.minimumBytes + BLOCK_BYTES * 1024);
  const device = attachLoop(disk, folder, SECTOR_BYTES);
  mkdirSync(target);
  try {
    execFileSync(...commandOf(filesystem.mkfs(device.path, [])));
    copySparse(disk, base);
    mount({ source: device.path, target, type: filesystem.name, flags: 0, data: filesystem.recoveryOptions.join(',') });
    try {
      writeLogFile(
        log,
        entriesOf(fd, disk, stepCount, (round) => step(target, round)),
        { sectorBytes: SECTOR_BYTES },
      );
    } finally {
      unmount(target);
    }
  } finally {
    device.release();
    closeSync(fd);
  }
  return { base, log };
}

function* entriesOf(
  fd: number,
  disk: string,
  stepCount: number,
  step: (round: number) => void,
): Generator<NewLogEntry> {
  const snapshot = `${disk}.snapshot`;
  const before = new Map<number, Buffer>(blocksOf(fd, disk));
  for (let round = 0; round < stepCount; round++) {
    step(round);
    // The file system lives on: what is compared must not change while it is read.
    copySparse(disk, snapshot);
    const now = openSync(snapshot, 'r');
    yield* differences(before, new Map(blocksOf(now, snapshot)));
    yield newEntry.flush();
    closeSync(now);
  }
}

/** Brings `before` to `after` on the way. */
function* differences(before: Map<number, Buffer>, after: ReadonlyMap<number, Buffer>): Generator<NewLogEntry> {
  const perBlock = BLOCK_BYTES / SECTOR_BYTES;
  for (const block of new Set([...before.keys(), ...after.keys()])) {
    const content = after.get(block) ?? ZEROS;
    if (content.equals(before.get(block) ?? ZEROS)) continue;
    if (content === ZEROS) yield newEntry.discard(block * perBlock, perBlock);
    else yield newEntry.write(block * perBlock, content);
    before.set(block, content);
  }
}

function* blocksOf(fd: number, name: string): Generator<[number, Buffer]> {
  for (const { offsetBytes, bytes } of nonZeroRuns(fd, name)) {
    for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
      yield [(offsetBytes + at) / BLOCK_BYTES, Buffer.from(bytes.subarray(at, at + BLOCK_BYTES))];
    }
  }
}

function commandOf([program = '', ...rest]: string[]): [string, string[], { stdio: 'ignore' }] {
  return [program, rest, { stdio: 'ignore' }];
}
