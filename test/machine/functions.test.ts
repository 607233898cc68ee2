/** Recovery, dump and check as functions of a configuration file, run in the engine on real recordings. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { leftovers } from './support/leftovers.ts';
import { APPEND_LOG, powercut, powercutLine, REPOSITORY } from './support/powercut.ts';
import { onlyRun, readReport } from './support/report.ts';
import { requirement } from './support/requirement.ts';
import { shared } from './support/shared.ts';
import type { WorkFolder } from './support/work-folder.ts';

const OPERATIONS = 12;
const EXAMPLE = join(REPOSITORY, 'dist/examples/append-log');

/** One recording of the sound store and one that acknowledges before it syncs, told with a history. */
const recordings = shared(async (folder) => ({
  folder,
  sound: await record(folder, '--history'),
  unsound: await record(folder, '--history', '--fault', 'ack-before-fsync'),
}));

async function record(folder: WorkFolder, ...more: readonly string[]): Promise<string> {
  const words = ['record', '--workload', APPEND_LOG.workload(OPERATIONS, ...more), '--check', '/bin/false'];
  const { status, stdout, stderr } = await powercut(words, folder);
  expect(status, stderr).toBe(0);
  return stdout.trim();
}

const IMPORTS = `
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { recover as recoverLog } from ${JSON.stringify(join(EXAMPLE, 'recover.js'))};
import { applyRecord } from ${JSON.stringify(join(EXAMPLE, 'stored-record.js'))};
const valuesOf = (dir) => {
  const values = new Map();
  for (const record of recoverLog(dir).records) applyRecord(values, record);
  return values;
};
const MARKER = import.meta.filename + '.marker';
const started = [];
`;
const SOUND = {
  recover: 'recover({ dir }) { recoverLog(dir); }',
  dump: '*dump({ dir }) { for (const [key, value] of valuesOf(dir)) yield { key, value }; }',
  // No process was started for it: this is the engine itself.
  check:
    'check({ acked, count }) { if (!process.argv[1].endsWith("dist/bin/engine.js") || acked.length !== count) return "corrupt: " + process.argv; }',
};

async function replay(context: TestContext, which: 'sound' | 'unsound', functions: object, ...words: string[]) {
  requirement(context, 'guest', 'native replay', 'ext4');
  const { folder, [which]: recording } = await recordings();
  const name = `powercut.${context.task.id}.mjs`;
  const members = Object.values({ ...SOUND, ...functions }).join(',\n');
  writeFileSync(folder.path(name), `${IMPORTS}\nexport default { ${members} };\n`, { mode: 0o644 });
  const options = ['--config', name, '--json', `${name}.json`, ...words];
  const { status, stderr } = await powercut(['replay', recording, ...options], folder);
  return { folder, status, stderr, run: onlyRun(readReport(folder.path(`${name}.json`))) };
}

describe('functions of a configuration file', () => {
  it('hold the sound store to its history in every state', async (context) => {
    const { status, run, stderr } = await replay(context, 'sound', {}, '--repeat-recovery');
    expect(run.findings, stderr).toEqual([]);
    expect(status).toBe(0);
    expect(run.states.tested).toBeGreaterThan(OPERATIONS);
    expect(run.durability).toEqual([{ class: 'default', promise: 'sync', operations: 0 }]);
  });

  it('catch the unsound one, with a line that shows it again', async (context) => {
    const { folder, status, run } = await replay(context, 'unsound', {});
    expect(status).toBe(1);
    const lost = run.findings.find((finding) => finding.class === 'lost')!;
    expect(lost).toMatchObject({ invariant: 'acknowledged-survive', blamed: 'store' });
    expect(lost.reproduce).toContain(` --config powercut.${context.task.id}.mjs`);
    const again = await powercutLine(`${lost.reproduce} --json again.json`, folder);
    expect(again.status, again.stderr).toBe(1);
    expect(onlyRun(readReport(folder.path('again.json'))).findings[0]!.message).toBe(lost.message);
  });

  it.for([
    [
      'a recovery that throws',
      { recover: 'recover() { throw new Error("page 7"); }' },
      'wont-open',
      'recover threw: page 7',
    ],
    ['a dump that throws', { dump: 'async *dump() { throw new Error("page 8"); }' }, 'wont-open', 'dump threw: page 8'],
    ['a recovery that names a class', { recover: 'recover: () => "torn: page 9"' }, 'torn', 'page 9'],
    [
      'a dump that invents',
      { dump: 'dump: async ({ dir }) => valuesOf(dir).set("nobody", "x")' },
      'phantom',
      '"nobody"',
    ],
    ['an object as dump', { dump: 'dump: () => ({ nobody: "x" })' }, 'phantom', '"nobody"'],
  ] as const)('%s is found', async ([, functions, violationClass, message], context) => {
    const { status, run } = await replay(context, 'sound', functions);
    expect(status).toBe(1);
    expect(run.findings.map((finding) => finding.class)).toEqual([violationClass]);
    expect(run.findings[0]!.message).toContain(message);
  });

  it('are no verdict when they answer what is none', async (context) => {
    const { status, run } = await replay(context, 'sound', { dump: 'dump: () => 7' });
    expect(status).toBe(2);
    expect(run.unknowns![0]!.reason).toContain('dump answered 7 instead of entries');
  });

  it('cost their own state only when they are late, and write into no other', async (context) => {
    const check = `async check({ dir, count }) {
      if (existsSync(dir + '/late')) return 'phantom: what a function of another state wrote';
      const first = count > 0 && !existsSync(MARKER);
      if (first) writeFileSync(MARKER, '');
      for (let i = 0; first || i < 4; i++) {
        await sleep(5);
        if (first && existsSync(dir)) writeFileSync(dir + '/late', '');
      }
      if (existsSync(dir + '/late')) return 'phantom: what a function of another state wrote';
    }`;
    const words = ['--workers', '1', '--check-timeout', '1s'];
    const { folder, status, stderr, run } = await replay(context, 'sound', { check }, ...words);
    expect(run.findings, stderr).toEqual([]);
    expect(status).toBe(2);
    expect(run.states).toMatchObject({ tested: run.states.distinct, unknown: 1 });
    expect(run.unknowns).toMatchObject([{ reason: 'the check was still running at its limit of 1 s' }]);
    expect(existsSync('/run/powercut/store/late')).toBe(false);
    expect(leftovers(folder)).toEqual([]);
  });

  it('have what they start ended with them, a generator when its entries are read; Node hears of it', async (context) => {
    const check = `async check({ dir }) {
      if (started.some(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
        return 'corrupt: the end of a process was not told';
      }
      started.push(spawn('true'));
      const script = 'trap "" TERM; while :; do : >"$1/ghost"; sleep 0.01; done';
      if (started.length === 2) return void spawn('setsid', ['sh', '-c', script, 'sh', dir], { stdio: 'ignore' });
      await sleep(20);
      if (existsSync(dir + '/ghost')) return 'phantom: made by a process of another state';
    }`;
    const dump = `async *dump({ dir }) {
      const cat = spawn('cat');
      started.push(cat);
      for (const [key, value] of valuesOf(dir)) {
        cat.stdin.write(value);
        yield { key, value: String(await once(cat.stdout, 'data')) };
      }
    }`;
    const { status, stderr, run } = await replay(context, 'sound', { check, dump }, '--workers', '1');
    expect(run.findings, stderr).toEqual([]);
    expect(status).toBe(0);
  });

  it('yield to a command that a flag names, which the reproducing line then names too', async (context) => {
    const { status, run } = await replay(context, 'sound', {}, '--check', '/bin/false');
    expect(status).toBe(1);
    // The recording knows this command as well; without the flag the configuration's function would come back.
    expect(run.findings[0]!.reproduce).toMatch(/ --check \/bin\/false --config powercut\..*\.mjs$/);
  });
});
