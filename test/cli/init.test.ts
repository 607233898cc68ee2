import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { starterConfig } from '../../src/config/starter-config.ts';
import { CONFIG_SCHEMA } from '../../src/config/config-schema.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';
import { runMain } from './run-main.ts';

const path = useTemporaryFolder();
const before = process.cwd();
beforeEach(() => process.chdir(path()));
afterEach(() => {
  process.chdir(before);
  vi.unstubAllEnvs();
});

function program(name: string, mode = 0o755): void {
  writeFileSync(path(name), '#!/bin/sh\n');
  chmodSync(path(name), mode);
}

/** Found as if it were the package that a project has installed. */
function installPowercut(): void {
  mkdirSync(path('node_modules'));
  symlinkSync(resolve(import.meta.dirname, '../..'), path('node_modules', 'powercut'));
}

describe('powercut init', () => {
  it('writes a configuration that loads, and says what to do next', async () => {
    const { status, stdout, stderr } = await runMain('init');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^wrote powercut\.config\.mjs\nto be written: \.\/workload .*\nto be written: \.\/check /);
    expect(stdout).toMatch(/\nthen: npx powercut replay\n$/);
    expect(await loadConfig({ cwd: path() })).toEqual({
      workload: './workload {dir}',
      check: './check {dir} {count}',
      fs: [expect.stringMatching(/./)],
    });
  });

  it('writes TypeScript where the project has it', async () => {
    writeFileSync(path('package.json'), '{"devDependencies":{"typescript":"^7"}}');
    await runMain('init');
    expect(readdirSync(path())).toContain('powercut.config.ts');
    expect(await loadConfig({ cwd: path() })).toMatchObject({ workload: './workload {dir}' });
    expect(readFileSync(path('powercut.config.ts'), 'utf8')).not.toContain('import');
  });

  it('gives types where powercut is installed, in a file that loads', async () => {
    writeFileSync(path('tsconfig.json'), '{}');
    installPowercut();
    const { stdout } = await runMain('init');
    expect(stdout).not.toContain('npm install');
    expect(readFileSync(path('powercut.config.ts'), 'utf8')).toContain("import { defineConfig } from 'powercut';");
  });

  it('suggests the programs that it finds, started as they can be', async () => {
    program('workload.py', 0o644);
    mkdirSync(path('scripts'));
    program('scripts/check');
    program('recover.ts', 0o644);
    const { stdout } = await runMain('init');
    expect(stdout).toContain('found a workload: python3 ./workload.py {dir}\n');
    expect(await loadConfig({ cwd: path() })).toMatchObject({
      workload: 'python3 ./workload.py {dir}',
      check: './scripts/check {dir} {count}',
    });
    expect(stdout).not.toContain('recover');
  });

  it.each(['powercut.config.json', 'powercut.config.yaml', 'powercut.config.mjs'])(
    'never overwrites: there is a %s',
    async (name) => {
      writeFileSync(path(name), name.endsWith('json') ? '{}' : '');
      const { status, stderr } = await runMain('init');
      expect(status).toBe(64);
      expect(stderr).toContain(`there is a configuration already: ${path(name)}; it is left as it is`);
      expect(readdirSync(path())).toEqual([name]);
    },
  );

  it('speaks of .gitignore in a repository that lacks the line', async () => {
    mkdirSync(path('.git'));
    expect((await runMain('init')).stdout).toContain('add .powercut/ to .gitignore');
  });

  it('says nothing of it where the line is', async () => {
    mkdirSync(path('.git'));
    writeFileSync(path('.gitignore'), 'dist\n/.powercut/\n');
    expect((await runMain('init')).stdout).not.toContain('.gitignore');
  });

  it.runIf(process.geteuid?.() === 0)('gives the file to who called sudo (root)', async () => {
    vi.stubEnv('SUDO_UID', '1234');
    vi.stubEnv('SUDO_GID', '1235');
    await runMain('init');
    expect(statSync(path('powercut.config.mjs'))).toMatchObject({ uid: 1234, gid: 1235 });
  });
});

describe('the options in comments', () => {
  it('are all real, and right as they stand', async () => {
    const text = starterConfig({ typescript: false, installed: false, commands: {}, filesystems: ['xfs'] });
    writeFileSync(path('powercut.config.mjs'), text.replace(/^ {2}\/\/ (\w+: .*,)$/gm, '  $1'));
    const config = await loadConfig({ cwd: path() });
    const known = Object.keys(CONFIG_SCHEMA.properties);
    expect(Object.keys(config).filter((key) => !known.includes(key))).toEqual([]);
    expect(Object.keys(config).length).toBeGreaterThan(10);
    expect(config).toMatchObject({ fs: ['xfs'], size: 256 * 2 ** 20, reporter: ['line', 'junit=powercut.xml'] });
  });
});
