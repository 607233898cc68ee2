/** Real recordings, judged without a check: by the workload's history and what the recovered store says it holds. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import { obstacleToRecording } from './needs.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const STORE = 'dist/examples/append-log';
const OPERATIONS = 24;

describe.skipIf(obstacleToRecording() !== undefined)('the append-log example, without a check', () => {
  let out: string;
  let sound: string;
  let unsound: string;

  beforeAll(() => {
    out = mkdtempSync(join(tmpdir(), 'powercut-history-'));
    sound = record('');
    unsound = record(' --fault ack-before-fsync');
  });
  afterAll(() => rmSync(out, { recursive: true, force: true }));

  function powercut(...words: string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'dist/bin/powercut.js'), ...words], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  function record(more: string): string {
    const workload = `node ${STORE}/workload.js {dir} ${OPERATIONS} --history${more}`;
    const dump = `node ${STORE}/dump.js {dir}`;
    const { status, stdout, stderr } = powercut('record', '--out', out, '--workload', workload, '--dump', dump);
    expect(status, stderr).toBe(0);
    return stdout.trim();
  }

  function replay(recording: string, ...words: string[]) {
    const json = join(out, 'report.json');
    const { status, stderr } = powercut('replay', recording, '--out', out, '--json', json, ...words);
    const [run] = (JSON.parse(readFileSync(json, 'utf8')) as Report).runs;
    return { status, run: run!, stderr };
  }

  const faulty = (fault: string): string[] => ['--dump', `node test/machine/faulty-dump.mjs {dir} ${fault}`];
  const classesOf = (run: Report['runs'][number]): string[] => [
    ...new Set(run.findings.map((finding) => finding.class)),
  ];

  it('keeps the history beside the log, with its digest', () => {
    const manifest = JSON.parse(readFileSync(join(sound, 'manifest.json'), 'utf8'));
    expect(manifest.counts).toMatchObject({ operations: OPERATIONS, acknowledgements: OPERATIONS });
    expect(manifest.sha256['history.jsonl']).toMatch(/^[0-9a-f]{64}$/);
    expect(readFileSync(join(sound, 'history.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(2 * OPERATIONS);
  });

  it('the sound form holds in every state, and has lost nothing', () => {
    const { status, run } = replay(sound, '--repeat-recovery');
    expect(run.findings).toEqual([]);
    expect(status).toBe(0);
    expect(run.states.tested).toBeGreaterThan(OPERATIONS);
    expect(run.durability).toEqual([{ class: 'default', promise: 'sync', operations: 0 }]);
  });

  it('the one that acknowledges before it syncs is caught, with key and operation and a line that shows it again', () => {
    const { status, run } = replay(unsound);
    expect(status).toBe(1);
    expect(classesOf(run)).toContain('lost');
    const lost = run.findings.find((finding) => finding.class === 'lost')!;
    expect(lost).toMatchObject({ invariant: 'acknowledged-survive', blamed: 'store', assumption: 'cache' });
    expect(lost.message).toMatch(/^operation \d+ \(put "slot-\d"\) was acknowledged and is gone/);
    const again = replay(unsound, '--state', lost.state);
    expect(again.run.findings.map(({ message }) => message)).toEqual([lost.message]);
  });

  it('the same store holds what it promises when it promises nothing; the loss window is told', () => {
    const { status, run } = replay(unsound, '--durability', 'none');
    expect(status).toBe(0);
    const [window] = run.durability!;
    expect(window).toMatchObject({ class: 'default', promise: 'none', state: expect.stringMatching(/^p\d+$/) });
    expect(window!.operations).toBeGreaterThanOrEqual(1);
    expect(window!.ms).toBeGreaterThanOrEqual(0);
  });

  it.each([
    ['forget-deletions', 'ghost', 'deleted-stays-deleted'],
    ['invent', 'phantom', 'nothing-invented'],
    ['cut', 'torn', 'nothing-invented'],
    ['flip', 'corrupt', 'nothing-invented'],
    ['skip', 'reordered', 'order-kept'],
    ['crash', 'wont-open', 'store-opens'],
  ])('a dump with the fault "%s" is found: %s by %s', (fault, violationClass, invariant) => {
    const { status, run } = replay(sound, '--max-findings', '1', ...faulty(fault));
    expect(status).toBe(1);
    expect(run.findings.map((finding) => [finding.class, finding.invariant])).toEqual([[violationClass, invariant]]);
  });

  it('a store that changes its mind is unstable, if asked twice', () => {
    expect(replay(sound, ...faulty('change-its-mind')).status).toBe(0);
    const { status, run } = replay(sound, '--repeat-recovery', '--max-findings', '1', ...faulty('change-its-mind'));
    expect(status).toBe(1);
    expect(run.findings.map((finding) => [finding.class, finding.invariant])).toEqual([
      ['unstable', 'recovery-repeats'],
    ]);
    expect(run.findings[0]!.reproduce).toContain('--repeat-recovery');
  });

  it('a dump that cannot be read is no verdict', () => {
    const { status, run } = replay(sound, ...faulty('babble'));
    expect(status).toBe(2);
    expect(run.unknowns?.[0]?.reason).toContain('line 1 of the dump');
  });
});
