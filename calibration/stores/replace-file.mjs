/** One document, replaced as a whole by a package from npm; `--many`: a new name for each operation. */
import { closeSync, fsyncSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { acknowledge, main, ready, requireAll, valueOf, Violated } from './common.mjs';

/** Each: (path, text) => promise that it is written. Loaded when asked for. */
const LIBRARIES = {
  'write-file-atomic': async () => {
    const { default: write } = await import('write-file-atomic');
    return (path, text) => write(path, text);
  },
  'write-file-atomic-without-fsync': async () => {
    const { default: write } = await import('write-file-atomic');
    return (path, text) => write(path, text, { fsync: false });
  },
  atomically: async () => {
    const { writeFile } = await import('atomically');
    return (path, text) => writeFile(path, text);
  },
  steno: async () => {
    const { Writer } = await import('steno');
    const writers = new Map();
    return (path, text) => {
      if (!writers.has(path)) writers.set(path, new Writer(path));
      return writers.get(path).write(text);
    };
  },
  'fs-extra': async () => {
    const { default: extra } = await import('fs-extra');
    return (path, text) => extra.outputFile(path, text);
  },
};

const nameOf = (number, many) => (many ? `document-${String(number).padStart(6, '0')}.json` : 'document.json');
const documentOf = (number) => JSON.stringify({ number, value: valueOf(number) });

await main({
  options: {
    library: { type: 'string', default: 'write-file-atomic' },
    'sync-folder': { type: 'boolean' },
    many: { type: 'boolean' },
    neighbour: { type: 'boolean' },
  },

  async workload(dir, count, { library, many, neighbour, 'sync-folder': syncsFolder }) {
    const write = await LIBRARIES[library]();
    if (!many) await write(join(dir, nameOf(0)), documentOf(0));
    const beside = neighbour ? await open(join(dir, 'neighbour'), 'w') : undefined;
    ready(dir);
    for (let number = 1; number <= count; number++) {
      const written = write(join(dir, nameOf(number, many)), documentOf(number));
      await (beside ? whileSyncing(beside, written) : written);
      if (syncsFolder) syncFolder(dir);
      acknowledge(number);
    }
  },

  check(dir, count, { many }) {
    const numbers = (many ? readdirSync(dir).filter(isDocument) : [nameOf(0)]).map((name) => read(join(dir, name)));
    const reached = Math.max(0, ...numbers);
    if (many && numbers.length < reached) {
      throw new Violated(`reordered: ${reached - numbers.length} documents before number ${reached} are missing`);
    }
    requireAll(reached, count, 'document');
  },
});

function isDocument(name) {
  return /^document-\d+\.json$/.test(name);
}

function syncFolder(dir) {
  const fd = openSync(dir, 'r');
  fsyncSync(fd);
  closeSync(fd);
}

/** Another part of the program syncs a file of its own meanwhile, which commits the file system's journal. */
async function whileSyncing(file, written) {
  let isWritten = false;
  const end = written.finally(() => (isWritten = true));
  while (!isWritten) {
    await file.write('.');
    await file.sync();
    await sleep(0);
  }
  await end;
}

/** @returns the document's number; 0 where there is none */
function read(path) {
  const text = readIfThere(path);
  if (text === undefined) return 0;
  try {
    const { number, value } = JSON.parse(text);
    if (value === valueOf(number)) return number;
  } catch {
    const what = /^\0*$/.test(text) ? 'empty, or NULs' : 'not JSON';
    throw new Violated(`torn: ${path.split('/').at(-1)} has ${text.length} bytes, ${what}`);
  }
  throw new Violated(`corrupt: ${path.split('/').at(-1)} came back with another value`);
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
