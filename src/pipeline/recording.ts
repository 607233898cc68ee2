/**
 * A recording folder: `manifest.json`, `log`, `base.img`, `final.img`, `transcript.txt`, `stderr.txt`, and `history.jsonl`
 * when the workload printed a history.
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { StepError, UsageError } from '../errors.ts';
import { findFilesystem } from '../filesystems/registry.ts';
import { writeDurably } from '../host/durable.ts';
import { sparseSha256 } from '../host/sparse.ts';
import { HISTORY_FILE } from '../stores/history.ts';
import type { RecordingSummary } from '../report/report.ts';
import { MANIFEST_SCHEMA, type Manifest } from './manifest.ts';

export interface Recording {
  /** Absolute. */
  readonly folder: string;
  readonly manifest: Manifest;
}

const validate = new Ajv2020({ allErrors: true }).compile<Manifest>(MANIFEST_SCHEMA);

/** @throws UsageError when the folder is no recording; StepError when its content is not what its manifest says */
export function openRecording(folder: string): Recording {
  const path = join(folder, 'manifest.json');
  if (!existsSync(path)) throw new UsageError(`${folder} is no recording: it has no manifest.json`);
  const manifest = parseManifest(path);
  const recording = { folder: resolve(folder), manifest };
  for (const name of Object.keys(manifest.sha256)) {
    if (existsSync(join(folder, name))) continue;
    throw new StepError('recording-changed', `${join(folder, name)} is missing: the recording is not whole`);
  }
  const found = hashFiles(recording.folder);
  for (const name of new Set([...Object.keys(manifest.sha256), ...Object.keys(found)]) as Set<
    keyof Manifest['sha256']
  >) {
    if (found[name] === manifest.sha256[name]) continue;
    throw new StepError(
      'recording-changed',
      `${join(folder, name)} is not what was recorded: its sha256 is ${found[name] ?? 'that of no file'}`,
    );
  }
  return recording;
}

/** What reports say of a recording. */
export function summarise({ manifest }: Recording): RecordingSummary {
  const { entries, flushes, fuas, marks } = manifest.counts;
  return { id: manifest.id, kernel: manifest.kernel, entries, flushes, fuas, marks };
}

/** What verdicts on it take for granted, by its file system and mount options. */
export function assumptionsOf({ name, mountOptions }: Manifest['filesystem']): readonly string[] {
  return findFilesystem(name)?.assumptions(mountOptions) ?? [];
}

export function saveManifest(folder: string, manifest: Manifest): void {
  writeDurably(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

export function hashFiles(folder: string): Manifest['sha256'] {
  const history = join(folder, HISTORY_FILE);
  return {
    ...(existsSync(history) && { [HISTORY_FILE]: fileSha256(history) }),
    log: fileSha256(join(folder, 'log')),
    'base.img': sparseSha256(join(folder, 'base.img')),
    'final.img': sparseSha256(join(folder, 'final.img')),
  };
}

function parseManifest(path: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UsageError(`${path} is no JSON`, { cause: error });
  }
  if (validate(value)) return value;
  const [first] = validate.errors ?? [];
  throw new UsageError(
    `${path}: ${first?.instancePath || '/'} ${first?.message}; made by another version of powercut?`,
  );
}

function fileSha256(path: string): string {
  const fd = openSync(path, 'r');
  try {
    const hash = createHash('sha256');
    const chunk = Buffer.alloc(1 << 20);
    for (let count = readSync(fd, chunk); count > 0; count = readSync(fd, chunk)) hash.update(chunk.subarray(0, count));
    return hash.digest('hex');
  } finally {
    closeSync(fd);
  }
}
