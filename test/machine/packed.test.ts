/** What npm would publish, installed in an empty folder and used as a stranger uses it. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it, type TestContext } from 'vitest';
import { REPOSITORY, runToEnd } from './support/powercut.ts';
import { onlyRun, readReport } from './support/report.ts';
import { longTest, missing, requirement } from './support/requirement.ts';
import { shared } from './support/shared.ts';
import type { WorkFolder } from './support/work-folder.ts';

const STORE = 'node_modules/powercut/dist/examples/append-log';

/** @returns why the package could not be installed; undefined when it is */
const installed = shared(async (folder) => {
  const pack = ['npm', 'pack', '--ignore-scripts', '--pack-destination', folder.cwd];
  const packed = await runToEnd(pack, { cwd: REPOSITORY });
  expect(packed.status, packed.stderr).toBe(0);
  const [tarball = ''] = readdirSync(folder.cwd).filter((name) => name.endsWith('.tgz'));
  writeFileSync(folder.path('package.json'), '{ "private": true, "type": "module" }\n');
  const install = ['npm', 'install', '--no-audit', '--no-fund', `./${tarball}`];
  const { status, stderr } = await runToEnd(install, folder);
  return { folder, obstacle: status === 0 ? undefined : stderr };
});

async function begin(context: TestContext): Promise<WorkFolder> {
  requirement(context, 'guest', 'native replay', 'ext4');
  const { folder, obstacle } = await installed();
  if (obstacle !== undefined) {
    if (!/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH/.test(obstacle)) throw new Error(obstacle);
    missing(context, `no package registry: ${obstacle.split('\n', 1)[0]}`);
  }
  return folder;
}

describe.concurrent('the package', () => {
  it('holds what it needs, and nothing of how it is made', async (context) => {
    const folder = await begin(context);
    const root = folder.path('node_modules/powercut');
    const kinds = ['corpus', 'dist', 'docs', 'examples', 'schema', 'scripts', 'vm'];
    const documents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
    expect(readdirSync(root).sort()).toEqual([...documents, ...kinds].sort());
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
    for (const name of [
      'vm/init',
      'schema/report.schema.json',
      'dist/bin/engine.js',
      'dist/bin/LICENSES.txt',
      'scripts/setup-loopdev.sh',
    ]) {
      expect(files).toContain(name);
    }
    expect(files.filter((name) => /\.test\.|node_modules|^dist\/test/.test(name))).toEqual([]);
    const names = 'console.log(Object.keys(await import("powercut")))';
    const library = await runToEnd(['node', '--input-type=module', '--eval', names], folder);
    expect(library.stdout).toContain('defineConfig');
  });

  it('replays with flags', async (context) => {
    longTest(context);
    const folder = await begin(context);
    const workload = `node ${STORE}/workload.js {dir} 4`;
    const check = `node ${STORE}/check.js {dir} {count}`;
    const words = ['replay', '--each-barrier', '--json', 'flags.json', '--workload', workload, '--check', check];
    const { status, stdout, stderr } = await runToEnd(['npx', 'powercut', ...words], folder);
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/^ok: all of \d+ tested crash states held$/m);
    expect(readReport(folder.path('flags.json')).verdict).toBe('ok');
  });

  it('replays with a configuration file', async (context) => {
    const folder = await begin(context);
    // A folder of its own, or the other run would take the configuration, too.
    const cwd = folder.path('configured');
    mkdirSync(cwd);
    const config = `import { defineConfig } from 'powercut';
export default defineConfig({
  workload: 'node ../${STORE}/workload.js {dir} 4 --fault rotate-without-dirsync',
  check: ['node', '../${STORE}/check.js', '{dir}', '{count}'],
  json: 'config.json',
});
`;
    writeFileSync(folder.path('configured/powercut.config.mjs'), config);
    const words = ['npx', 'powercut', 'replay', '--each-barrier'];
    const { status, stdout, stderr } = await runToEnd(words, { ...folder, cwd });
    expect(status, stderr).toBe(1);
    expect(stdout).toMatch(/^violated: 1 finding, in \d+ of \d+ tested crash states$/m);
    const [finding] = onlyRun(readReport(folder.path('configured/config.json'))).findings;
    expect(finding).toMatchObject({ class: 'lost', blamed: 'store' });
  });
});
