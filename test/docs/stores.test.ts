/** The programs in docs/stores.md are run as they stand there. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const PAGE = readFileSync(fileURLToPath(new URL('../../docs/stores.md', import.meta.url)), 'utf8');

/** The n-th block of code in a language. */
function codeBlock(language: string, n = 0): string {
  const block = [...PAGE.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter((match) => match[1] === language)[n];
  expect(block, `code block ${n} in ${language}`).toBeDefined();
  return block![2]!;
}

const LANGUAGES = [
  { language: 'bash', program: 'bash', file: 'workload.sh' },
  { language: 'python', program: 'python3', file: 'workload.py' },
  { language: 'js', program: process.execPath, file: 'workload.mjs' },
].filter(({ program }) => spawnSync(program, ['--version']).status === 0);

const ACKS = `ready\n${Array.from({ length: 20 }, (_, i) => `ack ${i + 1}\n`).join('')}`;

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'powercut-docs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'store'));
  return folder;
}

function written(folder: string, name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, 0o755);
  return path;
}

describe.each(LANGUAGES)('the workload in $language', ({ language, program, file }) => {
  it('says ready and acknowledges, with nobody there to answer', () => {
    const folder = freshFolder();
    const workload = written(folder, file, codeBlock(language));
    const { status, stdout, stderr } = spawnSync(program, [workload, join(folder, 'store')], { encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: ACKS, stderr: '' });
  });

  it('takes one byte for each acknowledgement', async () => {
    const folder = freshFolder();
    const workload = written(folder, file, codeBlock(language));
    const child = spawn(program, [workload, join(folder, 'store')], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, POWERCUT_ACK_REPLY: '3' },
    });
    const replies = child.stdio[3] as NodeJS.WritableStream;
    // No end after it: a workload that wanted a twenty-first would wait for ever.
    replies.write('.'.repeat(20));
    expect(await Promise.all([text(child.stdout!), text(child.stderr!)])).toEqual([ACKS, '']);
  });
});

describe('the check in bash', () => {
  function check(folder: string, acked: number): { status: number | null; stdout: string } {
    const ids = written(folder, 'acked', Array.from({ length: acked }, (_, i) => `${i + 1}\n`).join(''));
    const program = written(folder, 'check.sh', codeBlock('bash', 1));
    const { status, stdout } = spawnSync('bash', [program, join(folder, 'store'), ids], { encoding: 'utf8' });
    return { status, stdout };
  }

  function workedFolder(): string {
    const folder = freshFolder();
    const { status } = spawnSync('bash', [written(folder, 'workload.sh', codeBlock('bash')), join(folder, 'store')]);
    expect(status).toBe(0);
    return folder;
  }

  it('finds what the workload wrote, and does not mind an operation more', () => {
    expect(check(workedFolder(), 20)).toEqual({ status: 0, stdout: '' });
    expect(check(workedFolder(), 19)).toEqual({ status: 0, stdout: '' });
    expect(check(freshFolder(), 0)).toEqual({ status: 0, stdout: '' });
  });

  it('names what is gone and what is half there', () => {
    const folder = workedFolder();
    expect(check(folder, 21)).toEqual({ status: 1, stdout: 'lost: 21 was acknowledged and is gone\n' });
    writeFileSync(join(folder, 'store', '7'), '');
    expect(check(folder, 20)).toEqual({ status: 1, stdout: `torn: ${join(folder, 'store', '7')} holds 0 bytes\n` });
  });
});
