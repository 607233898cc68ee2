/** Starts a family, ends all of it, and prints who is left. A process of its own, since it ends all of its descendants. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { endDescendants } from '../../src/host/descendants.ts';
import { becomeSubreaper } from '../../src/host/sys/process.ts';

becomeSubreaper();
// A child that ignores what it may ignore, a grandchild in its own session, an orphan.
const script = `trap "" TERM INT HUP
setsid sh -c 'sleep 600 & echo $! ; wait' &
(sleep 600 & echo $!) &
echo $$
exec sleep 600`;
const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
const pids: string[] = [];
for await (const chunk of child.stdout.setEncoding('utf8')) {
  pids.push(...(chunk as string).trim().split('\n'));
  if (pids.length === 3) break;
}
const worker = new Worker(
  `const { parentPort } = require('node:worker_threads');
   const child = require('node:child_process').spawn('sleep', ['600']);
   child.once('exit', () => parentPort.postMessage('told'));
   parentPort.postMessage(child.pid);`,
  { eval: true },
);
pids.push(...((await once(worker, 'message')) as [number]).map(String));
const ofWorker = once(worker, 'message');
// This one has ended, and Node has had no chance to see it, when the others are ended.
const short = spawn('true');
pids.push(String(short.pid));
const exited = Promise.all([once(child, 'exit'), once(short, 'exit'), ofWorker]);
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
const left = await endDescendants();
const told = await Promise.race([exited.then(() => true), sleep(5000, false)]);
await worker.terminate();
process.stdout.write(JSON.stringify({ pids: pids.map(Number), left, told, again: await endDescendants() }));
// A child whose end is never told would keep this process alive.
process.exit();
