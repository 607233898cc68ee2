/** Only what needs no root and changes nothing; the devices are test/machine's business. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SCRIPTS = fileURLToPath(new URL('../../scripts', import.meta.url));

function run(script: string, ...words: string[]) {
  const { status, stdout, stderr } = spawnSync(`${SCRIPTS}/${script}`, words, { encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe.each(['setup.sh', 'setup-calibration.sh', 'setup-loopdev.sh', 'unpack-kernel.sh'])('%s', (script) => {
  it('is a program that a POSIX shell can read', () => {
    expect(spawnSync('sh', ['-n', `${SCRIPTS}/${script}`], { encoding: 'utf8' }).stderr).toBe('');
  });

  it('explains itself', () => {
    const { status, stdout } = run(script, '--help');
    expect(status).toBe(0);
    expect(stdout).toContain(`usage: ${script}`);
    expect(stdout).toContain('Exit status:');
  });

  it('refuses what it does not know before it does anything', () => {
    const { status, stdout, stderr } = run(script, '--faster');
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
    expect(stderr).toContain('unknown argument "--faster"');
  });
});

describe('setup.sh', () => {
  /** Its table of programs, on a machine that says it is another. */
  function programsOn(machine: string): string {
    const excerpt = /^case \$\(uname -m\)[^]*?^}\n/m.exec(readFileSync(`${SCRIPTS}/setup.sh`, 'utf8'))?.[0];
    const script = `uname() { echo ${machine}; }\n${excerpt}programs | cut -d ' ' -f 1-2`;
    return spawnSync('sh', ['-euc', script], { encoding: 'utf8' }).stdout;
  }

  it.each([
    ['x86_64', /^linux\.uml user-mode-linux\nqemu-system-x86_64 qemu-system-x86\nmkfs\.ext4 e2fsprogs\n/],
    ['aarch64', /^qemu-system-aarch64 qemu-system-arm\nmkfs\.ext4 e2fsprogs\n/],
    ['riscv64', /^mkfs\.ext4 e2fsprogs\n/],
  ])('wants on %s the guests that there are for it', (machine, expected) => {
    expect(programsOn(machine)).toMatch(expected);
  });
});

describe('unpack-kernel.sh', () => {
  it('takes one package at a time', () => {
    const { status, stderr } = run('unpack-kernel.sh', 'linux-image-amd64', 'linux-image-generic');
    expect([64, 69]).toContain(status);
    expect(stderr).toMatch(/one package at a time|there is no (dpkg-deb|apt-get)/);
  });
});

describe('setup-loopdev.sh', () => {
  it.each([
    [['up', '--size', 'x'], '--size is "x"'],
    [['up', '--size', '0M'], '--size is "0M"'],
    [['up', '--size', '1000'], 'expected a multiple of 4096 bytes'],
    [['up', '--size', '99999999999G'], '--size is "99999999999G"'],
    [['up', '--sector-size', '1024'], 'expected 512 or 4096'],
    [['up', '--dir'], '--dir needs a value'],
    [['up', 'down'], 'expected one of up, status, down'],
  ])('refuses %j and says why', (words, expected) => {
    const { status, stdout, stderr } = run('setup-loopdev.sh', ...words);
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
    expect(stderr).toContain(expected);
  });

  it.runIf(process.getuid?.() !== 0)('says that it needs root', () => {
    const { status, stderr } = run('setup-loopdev.sh', 'up');
    expect(status).toBe(69);
    expect(stderr).toContain('needs root');
  });
});
