import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NewLogEntry } from '../../src/dmlog/new-entry.ts';
import { writeLogFile } from '../../src/dmlog/writer.ts';
import type { Manifest } from '../../src/pipeline/manifest.ts';
import type { ReplayOptions } from '../../src/pipeline/options.ts';
import { hashFiles, saveManifest, type Recording } from '../../src/pipeline/recording.ts';
import { SECTOR } from '../support/log-file.ts';

export const MANIFEST: Manifest = {
  formatVersion: 1,
  id: '20261121-074430-a1b2c3',
  createdAt: '2026-11-21T07:44:30.000Z',
  powercut: '0.1.0',
  kernel: '6.1.176',
  runner: 'a guest, user-mode Linux 6.1.176 (not running as root)',
  target: '1.1.0',
  filesystem: {
    spec: 'ext4:data=ordered',
    name: 'ext4',
    mountOptions: ['data=ordered'],
    mkfs: ['mkfs.ext4', '-q', '/dev/loop0'],
    mkfsOutput: '',
  },
  device: { bytes: 64 * SECTOR, sectorBytes: SECTOR },
  commands: { cwd: '/home/me/store', workload: ['./workload', '{dir}'], check: ['./check', '{dir}', '{count}'] },
  counts: { entries: 2, flushes: 1, fuas: 0, discards: 0, marks: 0, acknowledgements: 0, logBytes: 2048 },
  ready: false,
  nonce: '7f3a',
  sha256: { log: '0'.repeat(64), 'base.img': '0'.repeat(64), 'final.img': '0'.repeat(64) },
  durationMs: 2100,
};

/** A recording folder as a run leaves it, with this log. */
export function makeRecording(folder: string, entries: readonly NewLogEntry[]): Recording {
  mkdirSync(folder, { recursive: true });
  const final = Buffer.alloc(MANIFEST.device.bytes);
  for (const { sector = 0, data = [] } of entries) final.set(data, sector * SECTOR);
  writeFileSync(join(folder, 'base.img'), Buffer.alloc(MANIFEST.device.bytes));
  writeFileSync(join(folder, 'final.img'), final);
  writeLogFile(join(folder, 'log'), entries, { sectorBytes: SECTOR });
  const manifest = { ...MANIFEST, sha256: hashFiles(folder) };
  saveManifest(folder, manifest);
  return { folder, manifest };
}

export const REPLAY_OPTIONS: ReplayOptions = {
  vm: 'auto',
  strategies: [{ name: 'each-barrier' }],
  seed: 1,
  duringRecovery: 0,
  recoverTimeoutMs: 1000,
  checkTimeoutMs: 1000,
  fromStart: false,
  fsck: false,
  reuseVerdicts: true,
  fastForward: false,
  scratchDisk: 'auto',
  durability: [],
  repeatRecovery: false,
  cwd: '/home/me/store',
  env: {},
};
