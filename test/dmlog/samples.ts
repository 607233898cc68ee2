import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { logInMemory, type LogSource } from '../../src/dmlog/log-source.ts';

export const SAMPLE_LOGS = [
  'e1-ordering-512.log',
  'e2-remove-splice-inversion-512.log',
  'e3-lbs4096.log',
  'e5-logdev-full.log',
  'r2-ext4-commit-and-fua-inversion.log',
  'r6-qemu72-blklogwrites.log',
  'sqlite-wal-ext4.log.img',
] as const;
export type SampleLog = (typeof SAMPLE_LOGS)[number];

/** A captured log or image, unpacked. See test/fixtures/logs/README.md. */
export function sampleBytes(name: string): Buffer {
  return gunzipSync(readFileSync(new URL(`../fixtures/logs/${name}.gz`, import.meta.url)));
}

export const sampleLog = (name: SampleLog): LogSource => logInMemory(sampleBytes(name), name);
