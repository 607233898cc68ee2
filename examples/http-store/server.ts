/** `server DIR [FAULT]`: PUT /key and GET /key; GET / lists the keys. The first line that it prints is its port. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { parseFault } from './fault.ts';
import { FileStore } from './file-store.ts';

const [directory = '.', fault] = process.argv.slice(2);
const store = new FileStore(directory, parseFault(fault));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const key = decodeURIComponent(request.url!.slice(1));
  if (request.method === 'PUT') {
    store.put(key, await text(request));
    response.writeHead(204).end();
  } else if (key === '') {
    response.end(JSON.stringify(store.keys()));
  } else {
    const value = store.get(key);
    response.writeHead(value === undefined ? 404 : 200).end(value);
  }
}

const server = createServer((request, response) => void answer(request, response));
// Port 0: the kernel gives one that is free.
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
