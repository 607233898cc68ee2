import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { belongsToStrangers, belongsToTheDead, ownerName } from '../../src/host/owner.ts';

const own = ownerName();
const [, boot, namespace, pid, start] = own.split('-');
const { pid: gone } = spawnSync('true');

describe('an owner', () => {
  it('names boot, pid namespace, pid and start', () => {
    expect(own).toMatch(/^powercut-[0-9a-f]{8}-\d+-\d+-\d+$/);
    expect(pid).toBe(String(process.pid));
    expect(ownerName()).toBe(own);
  });

  it.each([own, `${own}-aB3xY9`, `/tmp/${own}-aB3xY9/state.img`, `recordings/.${own}`])('lives: %s', (name) => {
    expect(belongsToTheDead(name)).toBe(false);
    expect(belongsToStrangers(name)).toBe(false);
  });

  it.each([
    ['its pid is gone', `powercut-${boot}-${namespace}-${gone}-${start}`],
    ['its pid is another process by now', `/tmp/powercut-${boot}-${namespace}-${pid}-1-aB3xY9/uml`],
  ])('is dead when %s', (_, name) => {
    expect(belongsToTheDead(name)).toBe(true);
    expect(belongsToStrangers(name)).toBe(false);
  });

  it('is dead when it has ended, although nobody has collected it: not every first process does', async () => {
    // What `sleep` inherits it does not collect; a shell that has not become it yet might.
    const parent = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 600'], { stdio: ['ignore', 'pipe', 'ignore'] });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const fields = (): string[] => readFileSync(`/proc/${Number(line)}/stat`, 'latin1').split(' ');
    await vi.waitFor(() => expect(fields()[2]).toBe('Z'), { timeout: 30_000 });
    expect(belongsToTheDead(`powercut-${boot}-${namespace}-${Number(line)}-${fields()[21]}`)).toBe(true);
  });

  it.each([
    ['another kernel, such as the host of this guest', `powercut-00000000-${namespace}-${gone}-1`],
    ['another container', `powercut-${boot}-1-${gone}-1`],
  ])('is a stranger when it is of %s: nobody here can tell whether it lives', (_, name) => {
    expect(belongsToTheDead(name)).toBe(false);
    expect(belongsToStrangers(name)).toBe(true);
  });

  it.each(['powercut', 'powercut-test-aB3xY9', `my${own}`, `${own}.log`, 'powercut-1-2-3'])('is not in %s', (name) => {
    expect(belongsToTheDead(name)).toBe(false);
    expect(belongsToStrangers(name)).toBe(false);
  });
});
