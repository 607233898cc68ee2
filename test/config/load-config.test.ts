import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { loadConfig } from '../../src/config/load-config.ts';

const userId = process.getuid!();
const NOBODY_SPECIAL = { effectiveUserId: 1000 };

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'powercut-config-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const write = (name: string, text: string): string => {
  const path = join(cwd, name);
  writeFileSync(path, text, { mode: 0o644 });
  return path;
};

const load = (path?: string) => loadConfig({ cwd, path, caller: NOBODY_SPECIAL });

describe('loadConfig', () => {
  it('finds nothing where there is nothing', async () => {
    expect(await load()).toEqual({});
    write('package.json', '{"name":"x"}');
    expect(await load()).toEqual({});
  });

  it.each([
    ['powercut.config.ts', 'const size: string = "64M"; export default { fs: "xfs", size };'],
    ['powercut.config.mts', 'type T = string; export default { fs: "xfs" as T, size: "64M" };'],
    ['powercut.config.js', 'export default { fs: "xfs", size: "64M" };'],
    ['powercut.config.mjs', 'export default await Promise.resolve({ fs: "xfs", size: "64M" });'],
    ['powercut.config.json', '{"fs":"xfs","size":"64M"}'],
    ['powercut.config.yaml', 'fs: xfs\nsize: 64M\n'],
    ['powercut.config.yml', '# comment\nfs: xfs\nsize: 64M\n'],
    ['package.json', '{"name":"x","powercut":{"fs":"xfs","size":"64M"}}'],
  ])('reads %s', async (name, text) => {
    // A .js file is a module only where package.json says so.
    if (name !== 'package.json') write('package.json', '{"type":"module"}');
    write(name, text);
    expect(await load()).toEqual({ fs: 'xfs', size: 67_108_864 });
  });

  it('prefers a file to package.json, and a named file to all', async () => {
    write('package.json', '{"powercut":{"fs":"btrfs"}}');
    write('powercut.config.json', '{"fs":"xfs"}');
    write('other.yaml', 'fs: ext4');
    expect(await load()).toEqual({ fs: 'xfs' });
    expect(await load('other.yaml')).toEqual({ fs: 'ext4' });
    expect(await load(join(cwd, 'package.json'))).toEqual({ fs: 'btrfs' });
  });

  it('refuses to choose between several', async () => {
    write('powercut.config.json', '{}');
    write('powercut.config.yaml', '');
    await expect(load()).rejects.toThrow(UsageError);
    await expect(load()).rejects.toThrow(
      `there is more than one configuration: ${join(cwd, 'powercut.config.json')}, ${join(cwd, 'powercut.config.yaml')}; ` +
        'remove all but one, or name one with --config',
    );
  });

  it.each([
    ['nowhere.json', undefined, 'there is no configuration file'],
    ['bad.json', '{', 'cannot read the configuration'],
    ['bad.yaml', 'a: [', 'cannot read the configuration'],
    ['throws.mjs', 'throw new Error("from inside");', 'from inside'],
    ['syntax.ts', 'export default {', 'cannot read the configuration'],
    ['none.mjs', 'export const fs = "xfs";', 'has no default export: write `export default { ... }`'],
    ['none.ts', 'export const fs = "xfs";', 'has no default export: write `export default { ... }`'],
    ['config.toml', 'fs = "xfs"', 'expected a file whose name ends in one of ts, mts, js, mjs, json, yaml, yml'],
    ['wrong.json', '{"chck":"x"}', '/chck: there is no such option, got "x"; did you mean "check"?'],
    ['pipe.yaml', 'check: a | b', '/check: cannot split the command "a | b"'],
    ['empty.yaml', '', '(the whole file): expected an object with options of powercut, got null'],
  ])('says what is wrong with %s', async (name, text, message) => {
    if (text !== undefined) write(name, text);
    await expect(load(name)).rejects.toThrow(UsageError);
    await expect(load(name)).rejects.toThrow(message);
    await expect(load(name)).rejects.toThrow(join(cwd, name));
  });

  it('says which package.json is broken', async () => {
    const path = write('package.json', '{');
    await expect(load()).rejects.toThrow(`cannot look for a configuration in ${path}`);
  });

  it('names the property of package.json', async () => {
    const path = write('package.json', '{"powercut":{"vm":"x"}}');
    await expect(load()).rejects.toThrow(`${path} (property "powercut") is not a valid configuration`);
  });
});

describe("loadConfig with root's rights", () => {
  const asRoot = (sudoUserId: number | undefined = userId) =>
    loadConfig({ cwd, caller: { effectiveUserId: 0, ...(sudoUserId !== undefined && { sudoUserId }) } });

  let path: string;
  beforeEach(() => {
    path = write('powercut.config.mjs', 'globalThis.powercutConfigRan = true; export default { fs: "xfs" };');
    chmodSync(cwd, 0o755);
  });

  it('reads what only the caller can write', async () => {
    expect(await asRoot()).toEqual({ fs: 'xfs' });
  });

  it('takes the owner for the caller without sudo', async () => {
    expect(await loadConfig({ cwd, caller: { effectiveUserId: 0 } })).toEqual({ fs: 'xfs' });
  });

  it.each([
    [0o666, 'it can be changed by every user', 'chmod go-w'],
    [0o664, 'it can be changed by every member of group', 'chmod g-w'],
  ])('refuses a file of mode %o', async (mode, who, remedy) => {
    chmodSync(path, mode);
    await expect(asRoot()).rejects.toThrow(UsageError);
    await expect(asRoot()).rejects.toThrow(`refusing to use ${path} with root's rights: ${who}`);
    await expect(asRoot()).rejects.toThrow(`${remedy} ${path}`);
  });

  it('refuses before the file has run', async () => {
    write('powercut.config.mjs', 'globalThis.powercutRanTooEarly = true; export default {};');
    chmodSync(path, 0o666);
    await expect(asRoot()).rejects.toThrow(UsageError);
    expect(globalThis).not.toHaveProperty('powercutRanTooEarly');
  });

  it.each([0o777, 0o1777, 0o775])('refuses a folder of mode %o', async (mode) => {
    chmodSync(cwd, mode);
    await expect(asRoot()).rejects.toThrow(`it (${cwd}) can be changed by`);
  });

  it.skipIf(userId === 0)('refuses what another than the caller of sudo owns', async () => {
    await expect(asRoot(userId + 1)).rejects.toThrow(`can be changed by user ${userId}, who owns it`);
  });

  it('looks behind a symbolic link', async () => {
    const open = join(cwd, 'open');
    mkdirSync(open);
    chmodSync(open, 0o777);
    writeFileSync(join(open, 'real.json'), '{}', { mode: 0o644 });
    rmSync(path);
    symlinkSync(join(open, 'real.json'), join(cwd, 'powercut.config.json'));
    await expect(asRoot()).rejects.toThrow(`(${open}) can be changed by every user`);
  });

  it('does not care without them', async () => {
    chmodSync(path, 0o666);
    expect(await load()).toEqual({ fs: 'xfs' });
  });
});
