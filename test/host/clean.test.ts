/**
 * What is taken for a leftover. Run as an ordinary user also where the tests are root's, so that nothing of this machine
 * can come to harm; devices and mounts are left to the tests that need a kernel.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ownerName } from '../../src/host/owner.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const RUNNER = join(import.meta.dirname, '..', 'support', 'run-typescript.mjs');
const PROGRAM = join(import.meta.dirname, 'clean-program.ts');
const NOBODY = 65534;
const isRoot = process.geteuid?.() === 0;
const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
/** Not where root keeps the project, or Node, in a folder of its own. */
const isReadable = spawnSync(process.execPath, ['--check', RUNNER], user).status === 0;
const path = useTemporaryFolder();

const LIVING = ownerName();
/** The same pid, another start. */
const DEAD = LIVING.replace(/\d+$/, '1');
const STRANGER = LIVING.replace(/-[0-9a-f]{8}-/, '-00000000-');

beforeEach(() => {
  chmodSync(path(), 0o755);
  for (const name of ['tmp', 'out', join('out', 'recordings')]) makeFolder(name);
});

function makeFolder(name: string, daysAgo = 0): void {
  mkdirSync(path(name));
  if (isRoot) chownSync(path(name), NOBODY, NOBODY);
  if (daysAgo > 0) utimesSync(path(name), Date.now() / 1000, Date.now() / 1000 - daysAgo * 86_400);
}

/** @returns what was said of things below this test's folder, and of these processes */
function clean(...processes: readonly ChildProcess[]): string[] {
  const { stdout, stderr } = spawnSync(process.execPath, [RUNNER, PROGRAM, path('out')], {
    ...user,
    encoding: 'utf8',
    env: { ...process.env, TMPDIR: path('tmp') },
  });
  expect(stderr).toBe('');
  const mine = [path(), ...processes.map(({ pid }) => `process ${pid}`)];
  return (JSON.parse(stdout) as string[]).filter((line) => mine.some((name) => line.includes(name)));
}

/** Waits for input, and has on its command line what a guest has there. */
function startGuest(...guestWords: string[]): ChildProcess {
  const words = ['-c', 'read line', 'sh', ...guestWords];
  return spawn('sh', words, { ...user, stdio: ['pipe', 'ignore', 'ignore'] });
}

describe.runIf(isReadable)('cleanLeftovers', () => {
  it('removes the folders of the dead, with everything in them', () => {
    makeFolder(`tmp/${DEAD}-aB3xY9`);
    writeFileSync(path('tmp', `${DEAD}-aB3xY9`, 'state.img'), 'x');
    makeFolder(`out/recordings/.${DEAD}`);
    expect(clean()).toEqual([
      `removed folder ${path('tmp', `${DEAD}-aB3xY9`)}`,
      `removed folder ${path('out', 'recordings', `.${DEAD}`)}`,
    ]);
    expect(readdirSync(path('tmp'))).toEqual([]);
    expect(readdirSync(path('out', 'recordings'))).toEqual([]);
  });

  it('leaves alone what a living run uses, what is no run’s, and whole recordings', () => {
    const kept = [`${LIVING}-aB3xY9`, 'powercut-notes', 'powercut-1-2-3', `${DEAD}.txt`, 'else'];
    for (const name of kept) makeFolder(`tmp/${name}`);
    for (const name of ['20261121-074430-a1b2c3', `.${LIVING}`]) makeFolder(`out/recordings/${name}`);
    expect(clean()).toEqual([]);
    expect(readdirSync(path('tmp')).sort()).toEqual([...kept].sort());
    expect(readdirSync(path('out', 'recordings'))).toHaveLength(2);
  });

  it('leaves strangers their folders until nobody has touched them for a week', () => {
    makeFolder(`tmp/${STRANGER}-fresh`, 6);
    makeFolder(`tmp/${STRANGER}-forgotten`, 8);
    makeFolder('tmp/something-older', 8);
    expect(clean()).toEqual([`removed folder ${path('tmp', `${STRANGER}-forgotten`)}`]);
    expect(readdirSync(path('tmp')).sort()).toEqual([`${STRANGER}-fresh`, 'something-older']);
  });

  it.runIf(isRoot)('leaves other users theirs', () => {
    mkdirSync(path('tmp', DEAD));
    expect(clean()).toEqual([]);
    expect(existsSync(path('tmp', DEAD))).toBe(true);
  });

  it('needs no folder for recordings', () => {
    spawnSync('rm', ['-r', path('out')]);
    expect(clean()).toEqual([]);
  });

  it.each([
    ['user-mode Linux', (owner: string) => ['mem=512M', `uml_dir=/tmp/${owner}-aB3xY9/uml`]],
    ['QEMU', (owner: string) => ['-m', '512M', '-name', `${owner}-aB3xY9`]],
  ])('ends the guests of the dead and no others: %s', async (_, words) => {
    const [orphan, used] = [startGuest(...words(DEAD)), startGuest(...words(LIVING))];
    const exit = once(orphan, 'exit');
    expect(clean(orphan, used)).toEqual([`removed guest process ${orphan.pid}`]);
    expect(await exit).toEqual([null, 'SIGKILL']);
    expect(used.exitCode ?? used.signalCode).toBeNull();
    used.stdin!.end();
    await once(used, 'exit');
  });
});
