/** Starts a family, ends all of it, and prints who is left. A process of its own, since it ends all of its descendants. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
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
const exited = once(child, 'exit');
const left = await endDescendants();
await exited;
process.stdout.write(JSON.stringify({ pids: pids.map(Number), left, again: await endDescendants() }));
