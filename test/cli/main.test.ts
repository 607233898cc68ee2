import { mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { VERSION } from '../../src/host/version.ts';
import { newEntry } from '../../src/dmlog/new-entry.ts';
import { makeKernel } from '../guest/made-kernel.ts';
import { makeRecording } from '../pipeline/made-recording.ts';
import { sampleBytes } from '../dmlog/samples.ts';
import { sectors } from '../support/log-file.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';
import { runMain } from './run-main.ts';

// A run first removes what dead ones left on this machine. That is not for a unit test to do; clean.test.ts has its own way.
const meanwhile = vi.hoisted(() => ({ happens: () => undefined as unknown }));
vi.mock('../../src/host/clean.ts', () => ({
  cleanLeftovers: () => {
    meanwhile.happens();
    return [];
  },
}));

const path = useTemporaryFolder();
const before = process.cwd();
beforeEach(() => process.chdir(path()));
afterEach(() => {
  process.chdir(before);
  meanwhile.happens = () => undefined;
});

describe('exit status', () => {
  it.each<[string, string[], number, RegExp]>([
    ['help', ['--help'], 0, /^$/],
    ['the version', ['--version'], 0, /^$/],
    ['help of a command', ['replay', '--help'], 0, /^$/],
    ['no command', [], 64, /Usage: powercut/],
    ['an unknown command', ['repaly'], 64, /unknown command 'repaly'\n\(Did you mean replay\?\)/],
    [
      'an unknown flag',
      ['replay', '--each-barier'],
      64,
      /unknown option '--each-barier'\n\(Did you mean --each-barrier\?\)/,
    ],
    ['a flag without its value', ['replay', '--check'], 64, /'--check <command>' argument missing/],
    [
      'a value that is none of the choices',
      ['replay', '--vm', 'xen'],
      64,
      /Allowed choices are auto, off, uml, kvm, tcg/,
    ],
    ['no number', ['replay', '--workers', '1.5'], 64, /expected a whole number from 1 up/],
    ['zero of something', ['replay', '--max-findings', '0'], 64, /expected a whole number from 1 up/],
    [
      'a document beside what is printed',
      ['record', '--workload', 'true {dir}', '--reporter', 'jsonl'],
      64,
      /record and --reporter jsonl would both write to standard output/,
    ],
    ['no workload', ['record'], 64, /there is no workload: give --workload/],
    ['no workload to record before replaying', ['replay'], 64, /there is no workload/],
    ['a recording that is none', ['replay', '.'], 64, /is no recording: it has no manifest\.json/],
    ['an unknown reporter', ['replay', '.', '--reporter', 'dots'], 64, /dots/],
    ['a state that is none', ['replay', '.', '--state', '347'], 64, /"347" is no crash state/],
    [
      'a configuration that is not there',
      ['replay', '.', '--config', 'none.json'],
      64,
      /there is no configuration file/,
    ],
    ['a log that is not there', ['log', 'none'], 64, /none: no such file/],
    [
      'what a recording cannot follow any more',
      ['replay', '.', '--fs', 'xfs'],
      64,
      /--fs is about a .* recorded already/,
    ],
    [
      'another workload',
      ['replay', '.', '--workload', 'true'],
      64,
      /--workload is about a recording that is to be made/,
    ],
    [
      'errors where processes are killed',
      ['kill', '--io-error', 'writes@ack:3'],
      64,
      /--io-error .* without --compare-rungs/,
    ],
    ['a file system where processes are killed', ['kill', '--size', '1G'], 64, /--size .* without --compare-rungs/],
    [
      'a device where processes are killed',
      ['kill', '--workload', 'true {device}', '--check', 'true'],
      64,
      /\{device\} has no meaning in the workload command .* when only processes are killed, .* say \{dir\}/,
    ],
  ])('%s', async (_, words, status, message) => {
    const run = await runMain(...words);
    expect(run.stderr).toMatch(message);
    expect(run.status).toBe(status);
  });

  it('69 for a kernel that there is no way to, with why', async () => {
    makeRecording(path('r'), [newEntry.write(0, sectors('a')), newEntry.flush()]);
    makeKernel(path('k'), '6.1.0', { without: ['9p'] });
    const run = await runMain('replay', 'r', '--vm', 'tcg', '--kernel', path('k'));
    expect(run.status).toBe(69);
    expect(run.stderr).toMatch(/QEMU without KVM: .*(not installed|x86-64 and arm64 only|kernel 6\.1\.0 .* has no 9p)/);
  });

  it('64 for a kernel of a guest that brings its own', async () => {
    makeRecording(path('r'), [newEntry.write(0, sectors('a')), newEntry.flush()]);
    const run = await runMain('replay', 'r', '--vm', 'uml', '--kernel', 'host');
    expect(run.status).toBe(64);
    expect(run.stderr).toContain('--vm uml has none');
  });

  it('70 for a recording that was changed', async () => {
    makeRecording(path('r'), [newEntry.write(0, sectors('a')), newEntry.flush()]);
    writeFileSync(path('r', 'log'), 'x');
    const run = await runMain('replay', 'r');
    expect(run.status).toBe(70);
    expect(run.stderr).toMatch(/^powercut: r\/log is not what was recorded/m);
  });

  it('70 for a log that cannot be read, in one line and more detail, without a stack', async () => {
    writeFileSync(path('log'), 'x'.repeat(4096));
    const run = await runMain('log', 'log');
    expect(run.status).toBe(70);
    expect(run.stderr).toMatch(/^powercut: write log log: superblock.*this is no dm-log-writes log/);
    expect(run.stderr).not.toMatch(/^ +at /m);
  });
});

describe('an interruption', () => {
  it('ends the run with 130, and leaves no listener behind', async () => {
    makeRecording(path('r'), [newEntry.write(0, sectors('a')), newEntry.flush()]);
    meanwhile.happens = () => process.emit('SIGHUP', 'SIGHUP');
    const run = await runMain('replay', 'r');
    expect(run).toEqual({
      status: 130,
      stdout: '',
      stderr: '\npowercut: SIGHUP: cleaning up (once more to leave at once)\npowercut: interrupted by SIGHUP\n',
    });
    expect(process.listenerCount('SIGHUP')).toBe(0);
  });
});

it('--version says the package’s', async () => {
  expect((await runMain('--version')).stdout).toBe(`${VERSION}\n`);
});

describe('replay --list', () => {
  it('prints the states that would be tried, in order, and tries none', async () => {
    const entries = [newEntry.write(0, sectors('a')), newEntry.flush(), newEntry.mark('ack:0'), newEntry.flush()];
    makeRecording(path('r'), [...entries, newEntry.fua(1, sectors('b'))]);
    expect(await runMain('replay', 'r', '--list')).toEqual({
      status: 0,
      stdout: 'base\tacked 0\ttwins 0\np1\tacked 1\ttwins 1\np4\tacked 1\ttwins 0\n',
      stderr: '',
    });
    expect((await runMain('replay', 'r', '--list', '--state', 'p3', '--state', 'base')).stdout).toBe(
      'base\tacked 0\ttwins 0\np3\tacked 1\ttwins 0\n',
    );
  });
});

describe('log', () => {
  const ENTRIES = 9;
  const copyLog = (target: string): void => writeFileSync(target, sampleBytes('r6-qemu72-blklogwrites.log'));

  it('prints a line an entry and a summary', async () => {
    copyLog(path('log'));
    const { status, stdout } = await runMain('log', 'log');
    expect(status).toBe(0);
    expect(stdout.split('\n').filter((line) => /^ +\d+ +@/.test(line))).toHaveLength(ENTRIES);
    expect(stdout).toContain('dm-log-writes log, version 1, 512-byte sectors, 9 entries');
  });

  it('prints the summary only, or one JSON object a line', async () => {
    copyLog(path('log'));
    expect((await runMain('log', 'log', '--summary')).stdout).toMatch(/^dm-log-writes log/);
    const lines = (await runMain('log', 'log', '--json')).stdout.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { entry: number }).entry)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('takes a recording folder for its log', async () => {
    mkdirSync(path('r'));
    copyLog(path('r', 'log'));
    expect((await runMain('log', 'r', '--summary')).status).toBe(0);
  });
});
