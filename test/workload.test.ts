/** The helper as a workload uses it: another process, with a pipe for lines and one for answers. */
import { spawn, spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';

const HELPER = resolve(import.meta.dirname, '../src/workload.ts');
const JITI = resolve(import.meta.dirname, '../node_modules/jiti/lib/jiti.mjs');

/** jiti, since Node 20 reads no TypeScript. */
const program = (body: string): string[] => [
  '--input-type=module',
  '-e',
  `import { createJiti } from ${JSON.stringify(JITI)};
   const { ready, ack, invoke, operate } = await createJiti('/').import(${JSON.stringify(HELPER)});
   ${body}`,
];

const withoutTimes = (output: string): string => output.replaceAll(/,"timeMs":[\d.]+/g, '');

describe('the helper for workloads', () => {
  it('prints what the contract says, and waits for nobody without powercut', () => {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      program(`
      ready();
      ack(7);
      await operate({ op: 'put', key: 'k', value: 'v' }, () => undefined, { session: 's', class: 'c' });
      await operate({ op: 'delete', key: 'k' }, () => { throw new Error('timed out'); }).catch(() => undefined);
      invoke({ op: 'txn', ops: [{ op: 'delete', key: 'k' }] }).fail();
    `),
      { encoding: 'utf8', env: { ...process.env, POWERCUT_ACK_REPLY: '' } },
    );
    expect(stderr).toBe('');
    expect(stdout).toMatch(/"timeMs":\d+/);
    expect(withoutTimes(stdout).trimEnd().split('\n')).toEqual([
      'ready',
      'ack 7',
      '{"type":"invoke","id":1,"op":"put","key":"k","value":"v","session":"s","class":"c","reply":false}',
      '{"type":"ok","id":1}',
      '{"type":"invoke","id":2,"op":"delete","key":"k","reply":false}',
      '{"type":"info","id":2}',
      '{"type":"invoke","id":3,"op":"txn","ops":[{"op":"delete","key":"k"}],"reply":false}',
      '{"type":"fail","id":3}',
    ]);
  });

  it('asks for an answer to each invocation and each ok, and goes on only then', async () => {
    const child = spawn(
      process.execPath,
      program(`await operate({ op: 'delete', key: 'k' }, () => undefined); invoke({ op: 'delete', key: 'k' });`),
      {
        stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
        env: { ...process.env, POWERCUT_ACK_REPLY: '3' },
      },
    );
    const replies = child.stdio[3] as NodeJS.WritableStream;
    replies.on('error', () => undefined);
    const ended = new Promise((done) => child.once('exit', done));
    replies.write('.');
    replies.end();
    const output = withoutTimes(await text(child.stdout!));
    // One byte: the invocation is answered; the answer to its ok never comes, so nothing follows.
    expect(output).toBe('{"type":"invoke","id":1,"op":"delete","key":"k","reply":true}\n{"type":"ok","id":1}\n');
    expect(await ended).not.toBe(0);
  });
});
