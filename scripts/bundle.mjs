// Makes one file of a program and all that it imports, so that starting it opens a dozen files and not four hundred: in a
// guest, where every system call costs, that is most of what a recording of a small store takes. What is loaded only when it is
// needed stays apart. The build of each module (dist/src) is for the types, for those who import the package, and for tests.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const OUT = 'dist/bin';
const input = {
  powercut: 'dist/src/cli.js',
  engine: 'dist/src/agent/main.js',
  // A thread's program (src/engine/workload.ts).
  'ack-reader': 'dist/src/engine/ack-reader.js',
};
// The one has a shared library beside it, the other reads its own files when it needs them.
const external = ['koffi', 'jiti'];

rmSync(OUT, { recursive: true, force: true });
const bundle = await rolldown({ input, external, platform: 'node' });
const { output } = await bundle.write({ dir: OUT, format: 'esm', chunkFileNames: '[name]-[hash].js' });
await bundle.close();

const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
writeFileSync(
  join(OUT, 'LICENSES.txt'),
  licensesOf([...new Set(modules.flatMap(packageOf))].toSorted((a, b) => a.localeCompare(b))),
);

/** The folder of the package that a module belongs to, if it is not ours. */
function packageOf(module) {
  const folder = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1];
  return folder === undefined ? [] : [folder];
}

function licensesOf(folders) {
  const texts = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    if (file === undefined) throw new Error(`${folder} has no license text, which must go with what is taken from it`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
  });
  return `Programs in this folder contain these packages.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
