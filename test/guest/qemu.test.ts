import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { diesWithUs } from '../../src/guest/qemu.ts';
import { findProgram } from '../../src/host/find-program.ts';

/** Starts the words that it is given as a guest is started, and tells their pid. */
const STARTER = `
const [program, ...words] = JSON.parse(process.argv[1]);
const child = require('node:child_process').spawn(program, words, { stdio: 'ignore', detached: true });
console.log(child.pid);
setInterval(() => undefined, 1000);
`;

const POLL_MS = 20;

/** That it ends, not how soon: a process that does not is the test's time limit. */
it.skipIf(!findProgram('setpriv'))('diesWithUs ends a machine that hangs, when powercut is killed', async () => {
  const argv = diesWithUs(['sleep', '600']);
  const powercut = spawn(process.execPath, ['-e', STARTER, JSON.stringify(argv)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(powercut.stdout.setEncoding('utf8'), 'data')) as [string];
  const pid = Number(line);
  while (commandOf(pid) !== 'sleep 600') await sleep(POLL_MS);
  powercut.kill('SIGKILL');
  onTestFinished(() => void (commandOf(pid) !== '' && process.kill(pid, 'SIGKILL')));
  while (commandOf(pid) !== '') await sleep(POLL_MS);
  expect(commandOf(pid)).toBe('');
});

/** Empty when there is no such process, or one that has ended and was not collected yet. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').filter(Boolean).join(' ');
  } catch {
    return '';
  }
}
