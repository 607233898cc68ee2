import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Certificate } from '../../src/certificate.ts';
import { newEntry } from '../../src/dmlog/new-entry.ts';
import { certificateOf } from '../../src/replay/certificate.ts';
import { parseCrashState } from '../../src/replay/state-id.ts';
import { makeRecording } from '../pipeline/made-recording.ts';
import { indexFile, sectors } from '../support/log-file.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';
import { runMain } from './run-main.ts';

const path = useTemporaryFolder();
const before = process.cwd();
beforeEach(() => process.chdir(path()));
afterEach(() => process.chdir(before));

function record(folder: string, letter = 'a') {
  const { manifest } = makeRecording(path(folder), [
    newEntry.write(0, sectors(letter)),
    newEntry.write(1, sectors('b')),
    newEntry.flush(),
  ]);
  const index = indexFile(path(folder, 'log'));
  const log = { recording: manifest.id, sha256: manifest.sha256.log };
  const certificate = (state: string): Certificate => certificateOf(index, log, parseCrashState(state));
  return { certificate, id: manifest.id };
}

const findingOf = (certificate: unknown, state = 'base+1') => ({ state, assumption: 'cache', certificate });

function write(value: unknown): string {
  writeFileSync('finding.json', JSON.stringify(value));
  return 'finding.json';
}

describe('powercut verify', () => {
  it('proves a certificate, a finding, or every finding of a report', async () => {
    const { certificate } = record('r');
    const [one, two] = [certificate('base+1'), certificate('p1')];
    expect(await runMain('verify', write(one), 'r')).toEqual({
      status: 0,
      stdout: 'legal: finding.json, state "base+1", assuming cache\n',
      stderr: '',
    });
    expect((await runMain('verify', write(findingOf(one)), '--log', 'r/log')).status).toBe(0);
    const runs = [{ findings: [findingOf(one)] }, { findings: [findingOf(two, 'p1')] }];
    const { status, stdout } = await runMain('verify', write({ runs }), 'r');
    expect(stdout).toBe(
      'legal: run 1, finding 1, state "base+1", assuming cache\nlegal: run 2, finding 1, state "p1", assuming cache\n',
    );
    expect(status).toBe(0);
  });

  it('says of a finding about a flipped bit that there is nothing to prove', async () => {
    const { certificate } = record('r');
    const rotten = { state: 'p1%7.0', assumption: 'bit-rot' };
    const runs = [{ findings: [findingOf(certificate('base+1')), rotten] }];
    expect(await runMain('verify', write({ runs }), 'r')).toMatchObject({
      status: 0,
      stdout:
        'legal: run 1, finding 1, state "base+1", assuming cache\n' +
        'not proved: run 1, finding 2, assuming bit-rot: a flipped bit stands in no log\n',
    });
    // The word alone gets nothing past: a certificate that is there has to agree.
    const lying = { ...findingOf(certificate('base+1')), assumption: 'bit-rot' };
    expect((await runMain('verify', write(lying), 'r')).status).toBe(1);
    expect((await runMain('verify', write({ ...rotten, assumption: 'cache' }), 'r')).status).toBe(64);
  });

  it.each([
    [
      { state: 'p1:p4', assumption: 'cache', duringRecovery: true },
      'during recovery: the log of a recovery is no part of the recording',
    ],
    [{ state: 'k7', assumption: 'process' }, 'only processes were killed: there is no log'],
  ])('proves the others beside %j', async (finding, why) => {
    const { certificate } = record('r');
    const runs = [{ findings: [finding, findingOf(certificate('base+1'))] }];
    const { status, stdout } = await runMain('verify', write({ runs }), 'r');
    expect(stdout).toBe(
      `not proved: run 1, finding 1, ${why}\nlegal: run 1, finding 2, state "base+1", assuming cache\n`,
    );
    expect(status).toBe(0);
  });

  it('finds the recording that a certificate names', async () => {
    const { certificate, id } = record(join('.powercut', 'recordings', '20261121-074430-a1b2c3'));
    expect(id).toBe('20261121-074430-a1b2c3');
    expect((await runMain('verify', write(certificate('p0')))).status).toBe(0);
    const { status, stderr } = await runMain('verify', write(certificate('p0')), '--out', 'elsewhere');
    expect(stderr).toMatch(/elsewhere\/recordings\/20261121-074430-a1b2c3 is no recording/);
    expect(status).toBe(64);
  });

  it('takes each finding’s log among several', async () => {
    const runs = ['r', 's'].map((name) => ({ findings: [findingOf(record(name, name).certificate('base+1'))] }));
    expect((await runMain('verify', write({ runs }), 's', 'r')).status).toBe(0);
    const { status, stderr } = await runMain('verify', write({ runs }), 'r');
    expect(stderr).toMatch(/run 2, finding 1 is about another log/);
    expect(status).toBe(64);
  });

  it('1 for what is not true, and the rest is proved all the same', async () => {
    const { certificate } = record('r');
    const one = certificate('base+1');
    const runs = [{ findings: [findingOf({ ...one, assumption: 'torn-512' }), findingOf(one, 'p1'), findingOf(one)] }];
    const { status, stdout } = await runMain('verify', write({ runs }), 'r');
    expect(stdout.split('\n')).toEqual([
      'illegal: run 1, finding 1, state "base+1": the finding has another assumption than its certificate',
      'illegal: run 1, finding 2, state "base+1": the finding has another state than its certificate',
      'legal: run 1, finding 3, state "base+1", assuming cache',
      '',
    ]);
    expect(status).toBe(1);
  });

  it('shows no terminal what a hostile file holds', async () => {
    const { certificate } = record('r');
    const writes = certificate('base+1').writes.map((claim) => ({ ...claim, disk: '\u001b[31mgone\n' }));
    const { status, stdout } = await runMain('verify', write({ ...certificate('base+1'), writes }), 'r');
    expect(stdout).toContain('\\u{1b}[31mgone');
    expect(stdout).not.toContain('\u001b');
    expect(status).toBe(1);
  });

  it.each<[string, unknown, RegExp]>([
    ['no object', 7, /it is no object/],
    ['null', null, /it is no object/],
    ['neither a finding nor a report', {}, /has no certificate, nor is it one or a report/],
    ['no runs', { runs: 3 }, /"runs" is no list/],
    ['no findings', { runs: [{}] }, /"findings" of run 1 is no list/],
    ['a finding without a certificate', { runs: [{ findings: [{ state: 'p1' }] }] }, /finding 1 has no certificate/],
    ['another version', { writes: [], formatVersion: 2 }, /"formatVersion" is not 1/],
    ['no log', { writes: [], formatVersion: 1 }, /"log" is no certificate: it is no object/],
  ])('64 for a file with %s', async (_, value, why) => {
    const { status, stderr } = await runMain('verify', write(value));
    expect(stderr).toMatch(why);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(status).toBe(64);
  });

  it.each<[string, (certificate: Certificate) => unknown, RegExp]>([
    ['a recording elsewhere', (one) => ({ ...one, log: { ...one.log, recording: '../../etc' } }), /names no recording/],
    ['no whole numbers', (one) => ({ ...one, crashPoint: 0.5 }), /"crashPoint" is no whole number/],
    ['claims that are none', (one) => ({ ...one, writes: [1] }), /claim 1 is no certificate: it is no object/],
    ['entries that descend', (one) => ({ ...one, writes: [{ ...one.writes[0], entries: [[1, 0]] }] }), /do not ascend/],
    ['entries in words', (one) => ({ ...one, writes: [{ ...one.writes[0], entries: ['01'] }] }), /it is no list/],
  ])('64 for %s', async (_, change, why) => {
    const { status, stderr } = await runMain('verify', write(change(record('r').certificate('p0'))));
    expect(stderr).toMatch(why);
    expect(status).toBe(64);
  });

  it('1, at once, for claims and states beyond all measure', async () => {
    const { certificate } = record('r');
    const huge = Number.MAX_SAFE_INTEGER;
    const writes = [{ ...certificate('p0').writes[0], entries: [[0, huge]] }];
    expect((await runMain('verify', write({ ...certificate('p0'), writes }), 'r')).stdout).toMatch(/does not have/);
    for (const state of [`base+0-${huge}`, `base=0-${huge}`, `p${huge}`, 'p1e9', 'base+1.0-99999999', '']) {
      const run = await runMain('verify', write({ ...certificate('base'), state }), 'r');
      expect(run.status, state).toBe(1);
    }
  });

  it('64 for files that are not there, and 70 for a bad log', async () => {
    const { certificate } = record('r');
    expect((await runMain('verify', 'none.json')).stderr).toMatch(/none.json: no such file/);
    writeFileSync('no.json', '{');
    expect((await runMain('verify', 'no.json')).stderr).toMatch(/no.json is no JSON/);
    expect((await runMain('verify', write(certificate('p0')), 'nowhere')).stderr).toMatch(/nowhere is no recording/);
    expect((await runMain('verify', write(certificate('p0')), '--log', 'nowhere')).status).toBe(64);
    writeFileSync(path('r', 'log'), 'x'.repeat(4096));
    const { status, stderr } = await runMain('verify', write(certificate('p0')), 'r');
    expect(stderr).toMatch(/write log r\/log: it does not begin as a log/);
    expect(status).toBe(70);
  });

  it('says so when a report has nothing to prove', async () => {
    expect(await runMain('verify', write({ runs: [{ findings: [] }] }))).toMatchObject({
      status: 0,
      stdout: 'finding.json: no findings, so there is nothing to prove\n',
    });
  });
});
