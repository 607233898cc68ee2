import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SERVER = fileURLToPath(new URL('./server.js', import.meta.url));

export interface RunningServer {
  readonly url: string;
  readonly process: ChildProcess;
}

/** Starts the server and waits for its first line. @throws when it ends without one */
export async function startServer(directory: string, fault?: string): Promise<RunningServer> {
  const words = fault === undefined ? [SERVER, directory] : [SERVER, directory, fault];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const port of createInterface({ input: child.stdout })) {
    return { url: `http://127.0.0.1:${port}`, process: child };
  }
  throw new Error('the server did not start');
}
