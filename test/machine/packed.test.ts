/** What npm would publish, installed in an empty folder and used as a stranger uses it. */
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { leftovers } from './support/leftovers.ts';
import { REPOSITORY } from './support/powercut.ts';
import { onlyRun, readReport } from './support/report.ts';
import { missing, requirement } from './support/requirement.ts';
import { shared } from './support/shared.ts';
import type { WorkFolder } from './support/work-folder.ts';

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const STORE = 'node_modules/powercut/dist/examples/append-log';

function run(folder: WorkFolder, program: string, ...words: readonly string[]): Ended {
  const env = { ...process.env, ...folder.env };
  return spawnSync(program, words, { cwd: folder.cwd, env, encoding: 'utf8', timeout: 240_000 });
}

/** @returns why the package could not be installed; undefined when it is */
const installed = shared(async (folder) => {
  const packed = spawnSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder.cwd], {
    cwd: REPOSITORY,
    encoding: 'utf8',
  });
  expect(packed.status, packed.stderr).toBe(0);
  const [tarball = ''] = readdirSync(folder.cwd).filter((name) => name.endsWith('.tgz'));
  writeFileSync(folder.path('package.json'), '{ "private": true, "type": "module" }\n');
  const { status, stderr } = run(folder, 'npm', 'install', '--no-audit', '--no-fund', `./${tarball}`);
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

describe('the package', () => {
  it('holds what it needs, and nothing of how it is made', async (context) => {
    const folder = await begin(context);
    const root = folder.path('node_modules/powercut');
    expect(readdirSync(root).sort()).toEqual([
      ...[
        'CHANGELOG.md',
        'LICENSE',
        'README.md',
        'dist',
        'docs',
        'examples',
        'package.json',
        'schema',
        'scripts',
        'vm',
      ],
    ]);
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
    for (const name of ['vm/init', 'schema/report.schema.json', 'dist/src/agent/main.js', 'scripts/setup-loopdev.sh']) {
      expect(files).toContain(name);
    }
    expect(files.filter((name) => /\.test\.|node_modules|^dist\/test/.test(name))).toEqual([]);
    const types = run(
      folder,
      'node',
      '--input-type=module',
      '--eval',
      'console.log(Object.keys(await import("powercut")))',
    );
    expect(types.stdout).toContain('defineConfig');
  });

  it('replays with flags', async (context) => {
    const folder = await begin(context);
    const workload = `node ${STORE}/workload.js {dir} 4`;
    const check = `node ${STORE}/check.js {dir} {count}`;
    const words = ['replay', '--each-barrier', '--json', 'flags.json', '--workload', workload, '--check', check];
    const { status, stdout, stderr } = run(folder, 'npx', 'powercut', ...words);
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/^ok: all of \d+ tested crash states held$/m);
    expect(readReport(folder.path('flags.json')).verdict).toBe('ok');
    expect(leftovers(folder)).toEqual([]);
  });

  it('replays with a configuration file', async (context) => {
    const folder = await begin(context);
    const config = `import { defineConfig } from 'powercut';
export default defineConfig({
  workload: 'node ${STORE}/workload.js {dir} 4 --fault rotate-without-dirsync',
  check: ['node', '${STORE}/check.js', '{dir}', '{count}'],
  json: 'config.json',
});
`;
    writeFileSync(folder.path('powercut.config.mjs'), config);
    const { status, stdout, stderr } = run(folder, 'npx', 'powercut', 'replay', '--each-barrier');
    expect(status, stderr).toBe(1);
    expect(stdout).toMatch(/^violated: 1 finding, in \d+ of \d+ tested crash states$/m);
    const [finding] = onlyRun(readReport(folder.path('config.json'))).findings;
    expect(finding).toMatchObject({ class: 'lost', blamed: 'store' });
    expect(leftovers(folder)).toEqual([]);
  });
});
