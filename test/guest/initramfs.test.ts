import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeCpio } from '../../src/guest/cpio.ts';
import { makeFirstProgram, type SystemCallStep } from '../../src/guest/first-program.ts';
import { hostRootInitramfs } from '../../src/guest/initramfs.ts';
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
    const entries = readCpio(hostRootInitramfs([{ name: 'loop', image: Buffer.from('what loop is') }], '/tmp/it/init'));
    expect(entries.map(({ name }) => name)).toEqual(['dev', 'dev/console', 'root', 'init']);
    for (const part of ['what loop is', '/tmp/it/init\0', 'cache=loose']) expect(entries[3]!.content).toContain(part);
  });
});

const CALL = { write: 1, execve: 59, mkdir: 83, exit: 60 } as const;
const say = (text: string): SystemCallStep => ({
  what: 'writing',
  number: CALL.write,
  arguments: [1, text, text.length],
});
const exit: SystemCallStep = { what: 'ending', number: CALL.exit, arguments: [0] };

// The programs run on this very kernel: they are ordinary static programs of x86-64.
describe.runIf(process.arch === 'x64' && process.platform === 'linux')('makeFirstProgram', () => {
  function run(...steps: SystemCallStep[]) {
    const file = path('program');
    writeFileSync(file, makeFirstProgram(steps), { mode: 0o755 });
    const { status, stdout, stderr } = spawnSync(file, { encoding: 'utf8' });
    return { status, stdout, stderr };
  }

  it('makes one call after the other, with numbers, texts and bytes', () => {
    const bytes: SystemCallStep = { what: 'writing', number: CALL.write, arguments: [1, Buffer.from('b\0c'), 3] };
    expect(run(say('a'), bytes, exit)).toEqual({ status: 0, stdout: 'ab\0c', stderr: '' });
  });

  it('becomes another program, with words and environment', () => {
    const words = ['sh', '-c', 'echo "$0 $1 $HOME"', 'one', 'two words'];
    const step = { what: 'starting', number: CALL.execve, arguments: ['/bin/sh', words, ['HOME=/nowhere']] };
    expect(run(step).stdout).toBe('one two words /nowhere\n');
  });

  it('stops at the first call that fails, says which, and ends with its errno', () => {
    const failing = { what: 'making a folder', number: CALL.mkdir, arguments: ['/proc/x', 0o755] };
    expect(run(say('a'), failing, say('b'))).toEqual({
      status: 2,
      stdout: 'a',
      stderr: "powercut: making a folder failed; its errno is this program's exit status\n",
    });
    expect(run({ ...failing, mayFail: true }, say('b'), exit)).toEqual({ status: 0, stdout: 'b', stderr: '' });
  });
});
