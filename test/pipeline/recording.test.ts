import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { newEntry } from '../../src/dmlog/new-entry.ts';
import { StepError, UsageError } from '../../src/errors.ts';
import { copySparse } from '../../src/host/sparse.ts';
import { MANIFEST_SCHEMA, type Manifest } from '../../src/pipeline/manifest.ts';
import { openRecording, summarise } from '../../src/pipeline/recording.ts';
import { sectors } from '../support/log-file.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';
import { makeRecording, MANIFEST } from './made-recording.ts';

const path = useTemporaryFolder();
const make = (): void => void makeRecording(path('r'), [newEntry.write(3, sectors('a')), newEntry.flush()]);

function changeManifest(change: (manifest: Record<string, unknown>) => void): void {
  const manifest = JSON.parse(readFileSync(path('r', 'manifest.json'), 'utf8')) as Record<string, unknown>;
  change(manifest);
  writeFileSync(path('r', 'manifest.json'), JSON.stringify(manifest));
}

describe('openRecording', () => {
  it('opens what a run left, wherever it was moved', () => {
    make();
    const { folder, manifest } = openRecording(path('r', '..', 'r'));
    expect(folder).toBe(path('r'));
    expect(manifest).toMatchObject({ id: MANIFEST.id, nonce: '7f3a' });
    expect(summarise({ folder, manifest })).toEqual({
      id: MANIFEST.id,
      kernel: MANIFEST.kernel,
      entries: 2,
      flushes: 1,
      fuas: 0,
      marks: 0,
    });
  });

  it('does not mind holes where there were zeros', () => {
    make();
    for (const name of ['base.img', 'final.img']) {
      copySparse(path('r', name), path('copy'));
      writeFileSync(path('r', name), readFileSync(path('copy')));
    }
    expect(() => openRecording(path('r'))).not.toThrow();
  });

  it.each(['log', 'base.img', 'final.img'])('refuses a recording whose %s was changed', (name) => {
    make();
    const bytes = readFileSync(path('r', name));
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path('r', name), bytes);
    expect(() => openRecording(path('r'))).toThrow(StepError);
    expect(() => openRecording(path('r'))).toThrow(`${path('r', name)} is not what was recorded`);
  });

  it.each(['log', 'base.img', 'final.img'])('refuses a recording whose %s became longer or shorter', (name) => {
    for (const change of [
      () => appendFileSync(path('r', name), Buffer.alloc(1)),
      () => truncateSync(path('r', name), statSync(path('r', name)).size - 1),
    ]) {
      make();
      change();
      expect(() => openRecording(path('r'))).toThrow(expect.objectContaining({ code: 'recording-changed' }));
    }
  });

  it.each(['log', 'base.img', 'final.img'])('refuses a recording without its %s', (name) => {
    make();
    rmSync(path('r', name));
    expect(() => openRecording(path('r'))).toThrow(StepError);
    expect(() => openRecording(path('r'))).toThrow(`${path('r', name)} is missing: the recording is not whole`);
  });

  it('refuses a folder that is no recording', () => {
    mkdirSync(path('r'));
    expect(() => openRecording(path('r'))).toThrow(UsageError);
    expect(() => openRecording(path('r'))).toThrow(`${path('r')} is no recording: it has no manifest.json`);
    expect(() => openRecording(path('nowhere'))).toThrow('is no recording');
  });

  it('refuses a manifest that is no JSON', () => {
    make();
    writeFileSync(path('r', 'manifest.json'), '{');
    expect(() => openRecording(path('r'))).toThrow(`${path('r', 'manifest.json')} is no JSON`);
  });

  it('refuses a manifest of another version, and says where it differs', () => {
    make();
    changeManifest((manifest) => (manifest['formatVersion'] = 2));
    expect(() => openRecording(path('r'))).toThrow(UsageError);
    expect(() => openRecording(path('r'))).toThrow(
      /manifest\.json: \/formatVersion must be equal to constant; made by another version/,
    );
  });
});

describe('the schema of a manifest', () => {
  const validate = new Ajv2020({ strict: true, allErrors: true }).compile<Manifest>(MANIFEST_SCHEMA);
  const without = (key: keyof Manifest): unknown =>
    Object.fromEntries(Object.entries(MANIFEST).filter(([name]) => name !== key));

  it('accepts what powercut writes', () => {
    expect(validate(MANIFEST)).toBe(true);
    const commands = { ...MANIFEST.commands, setup: ['./setup'], recover: ['./recover', '{dir}'] };
    expect(validate({ ...MANIFEST, commands })).toBe(true);
  });

  it.each(Object.keys(MANIFEST) as (keyof Manifest)[])('refuses one without %s', (key) => {
    expect(validate(without(key))).toBe(false);
  });

  it.each<[string, Record<string, unknown>]>([
    ['an unknown property', { seed: 1 }],
    ['another version', { formatVersion: 2 }],
    ['a sector size that no device has', { device: { bytes: 1024, sectorBytes: 1024 } }],
    ['a negative count', { counts: { ...MANIFEST.counts, entries: -1 } }],
    ['a digest that is none', { sha256: { ...MANIFEST.sha256, log: 'abc' } }],
    ['no workload', { commands: { cwd: '/' } }],
    ['a command that is no list of words', { commands: { ...MANIFEST.commands, check: './check {dir}' } }],
  ])('refuses %s', (_, change) => {
    expect(validate({ ...MANIFEST, ...change })).toBe(false);
  });
});
