/** `dump DIR`: starts the server on what a crash left, and prints all that it holds. */
import { startServer } from './start-server.ts';

const [directory = '.'] = process.argv.slice(2);
const server = await startServer(directory);
const keys = (await (await fetch(`${server.url}/`)).json()) as string[];
for (const key of keys) {
  const response = await fetch(`${server.url}/${encodeURIComponent(key)}`);
  process.stdout.write(`${JSON.stringify({ key, value: await response.text() })}\n`);
}
server.process.kill('SIGKILL');
