import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadFunction } from '../../src/config/load-function.ts';
import { loadConfig } from '../../src/config/load-config.ts';

describe('a function of a configuration file', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'powercut-config-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const caller = { effectiveUserId: process.geteuid?.() ?? 0 };
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };

  it.each([
    [
      'powercut.config.mjs',
      "export default { workload: './w {dir}', check: ({ count }) => count > 1 ? 'lost: it' : undefined };",
    ],
    [
      'powercut.config.ts',
      "export default { workload: './w {dir}', check: ({ count }: { count: number }) => count > 1 ? 'lost: it' : undefined };",
    ],
  ])('is found in %s, and loaded by whoever runs it', async (name, text) => {
    const path = write(name, text);
    const config = await loadConfig({ cwd: folder, caller });
    expect(config).toEqual({ workload: './w {dir}', check: { module: path } });
    const check = await loadFunction(path, 'check');
    expect([1, 2].map((count) => check({ dir: '', acked: [], count, last: '' }))).toEqual([undefined, 'lost: it']);
  });

  it('is still held to the schema in everything else', async () => {
    write('powercut.config.mjs', 'export default { check: () => undefined, wrkers: 3 };');
    await expect(loadConfig({ cwd: folder, caller })).rejects.toThrow(/wrkers.*did you mean "workers"/);
  });

  it('can be recovery, dump and check', async () => {
    const path = write(
      'powercut.config.mjs',
      'export default { recover() {}, dump: async ({ dir }) => [[dir, "v"]], check: "./c {dir}" };',
    );
    const config = await loadConfig({ cwd: folder, caller });
    expect(config).toEqual({ recover: { module: path }, dump: { module: path }, check: './c {dir}' });
    const dump = await loadFunction(path, 'dump');
    expect(await dump({ dir: '/d', acked: [], count: 0, last: '' })).toEqual([['/d', 'v']]);
    await expect(loadFunction(path, 'check')).rejects.toThrow('its check is no function any more');
  });

  it.each(['setup', 'workload', 'fs'])('cannot stand for %s', async (option) => {
    write('powercut.config.mjs', `export default { ${option}: () => undefined };`);
    await expect(loadConfig({ cwd: folder, caller })).rejects.toThrow(`/${option}: expected a`);
  });
});
