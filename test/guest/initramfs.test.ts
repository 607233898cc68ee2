import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeCpio } from '../../src/guest/cpio.ts';
import { makeFirstProgram, type SystemCallStep } from '../../src/guest/first-program.ts';
import { hostRootInitramfs } from '../../src/guest/initramfs.ts';
import { platformOf } from '../../src/guest/platform.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const path = useTemporaryFolder();

interface Entry {
  readonly name: string;
  readonly mode: number;
  readonly node: string;
  readonly content: string;
}

/** Reads an archive as the kernel does (init/initramfs.c), without the writer's code. */
function readCpio(archive: Buffer): Entry[] {
  const entries: Entry[] = [];
  for (let at = 0; ;) {
    expect(archive.toString('latin1', at, at + 6)).toBe('070701');
    const field = (index: number): number =>
      parseInt(archive.toString('latin1', at + 6 + index * 8, at + 14 + index * 8), 16);
    const [mode, size, nameBytes] = [field(1), field(6), field(11)];
    const name = archive.toString('latin1', at + 110, at + 110 + nameBytes - 1);
    const contentAt = Math.ceil((at + 110 + nameBytes) / 4) * 4;
    if (name === 'TRAILER!!!') return entries;
    const content = archive.toString('latin1', contentAt, contentAt + size);
    entries.push({ name, mode, node: `${field(9)}:${field(10)}`, content });
    at = Math.ceil((contentAt + size) / 4) * 4;
  }
}

describe('encodeCpio', () => {
  it('writes what the kernel reads', () => {
    const archive = encodeCpio([
      { path: 'dev', kind: 'folder' },
      { path: 'dev/console', kind: 'character device', major: 5, minor: 1 },
      { path: 'init', kind: 'program', content: Buffer.from('hello') },
      { path: 'empty', kind: 'program', content: Buffer.alloc(0) },
    ]);
    expect(readCpio(archive)).toEqual([
      { name: 'dev', mode: 0o040755, node: '0:0', content: '' },
      { name: 'dev/console', mode: 0o020600, node: '5:1', content: '' },
      { name: 'init', mode: 0o100755, node: '0:0', content: 'hello' },
      { name: 'empty', mode: 0o100755, node: '0:0', content: '' },
    ]);
  });
});

describe('hostRootInitramfs', () => {
  it('is one program that carries the modules', () => {
    const entries = readCpio(
      hostRootInitramfs([{ name: 'loop', image: Buffer.from('what loop is') }], '/tmp/it/init', 'x64'),
    );
    expect(entries.map(({ name }) => name)).toEqual(['dev', 'dev/console', 'root', 'init']);
    for (const part of ['what loop is', '/tmp/it/init\0', 'cache=loose']) expect(entries[3]!.content).toContain(part);
  });
});

const say = (text: string): SystemCallStep => ({
  what: 'writing',
  call: 'write',
  arguments: [1, text, text.length],
});
const exit: SystemCallStep = { what: 'ending', call: 'exit', arguments: [0] };

const here = platformOf(process.arch)?.architecture;

// The programs run on this very kernel: they are ordinary static programs of its processor.
describe.runIf(here !== undefined && process.platform === 'linux')('makeFirstProgram', () => {
  function run(...steps: SystemCallStep[]) {
    const file = path('program');
    writeFileSync(file, makeFirstProgram(steps, here!), { mode: 0o755 });
    const { status, stdout, stderr } = spawnSync(file, { encoding: 'utf8' });
    return { status, stdout, stderr };
  }

  it('makes one call after the other, with numbers, texts and bytes', () => {
    const bytes: SystemCallStep = { what: 'writing', call: 'write', arguments: [1, Buffer.from('b\0c'), 3] };
    expect(run(say('a'), bytes, exit)).toEqual({ status: 0, stdout: 'ab\0c', stderr: '' });
  });

  it('becomes another program, with words and environment', () => {
    const words = ['sh', '-c', 'echo "$0 $1 $HOME"', 'one', 'two words'];
    const step: SystemCallStep = { what: 'starting', call: 'execve', arguments: ['/bin/sh', words, ['HOME=/nowhere']] };
    expect(run(step).stdout).toBe('one two words /nowhere\n');
  });

  it('stops at the first call that fails, says which, and ends with its errno', () => {
    const failing = { what: 'entering a folder', call: 'chdir', arguments: ['/proc/x'] } as const;
    expect(run(say('a'), failing, say('b'))).toEqual({
      status: 2,
      stdout: 'a',
      stderr: "powercut: entering a folder failed; its errno is this program's exit status\n",
    });
    expect(run({ ...failing, mayFail: true }, say('b'), exit)).toEqual({ status: 0, stdout: 'b', stderr: '' });
  });
});

/** As GNU binutils of aarch64 disassembles it: what the test above runs on arm64 only. */
describe('makeFirstProgram for arm64', () => {
  const program = makeFirstProgram([{ what: 'entering', call: 'chdir', arguments: ['/x'] }], 'arm64');
  const words = (at: number, count: number): string[] =>
    Array.from({ length: count }, (_, i) => program.readUInt32LE(at + 4 * i).toString(16));

  it('is an ELF file of that machine', () => {
    expect(program.readUInt16LE(18)).toBe(183);
    expect(program.readBigUInt64LE(64 + 48)).toBe(0x10000n);
  });

  it('puts arguments and the number of the call into registers, calls, and goes on unless that failed', () => {
    const entry = Number(program.readBigUInt64LE(24)) - 0x400000;
    expect(words(entry, 10)).toEqual([
      'd2800f00', // mov x0, #0x78: the text lies behind the headers
      'f2a00800', // movk x0, #0x40, lsl #16
      'f2c00000',
      'f2e00000',
      'd2800628', // mov x8, #49: chdir
      'f2a00008',
      'f2c00008',
      'f2e00008',
      'd4000001', // svc #0
      expect.stringMatching(/^b6f80[0-9a-f]{2}0$/), // tbz x0, #63, behind what gives up
    ]);
    const distance = ((program.readUInt32LE(entry + 36) >>> 5) & 0x3fff) * 4;
    expect(entry + 36 + distance).toBe(program.length);
  });
});
