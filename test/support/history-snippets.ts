/** The workloads of docs/histories.md, made into programs that run: what they leave open is a store. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PAGE = resolve(import.meta.dirname, '../../docs/histories.md');

/** A file for each key, made durable before the call returns. */
const PYTHON_STORE = `
import os, sys
class Store:
    def put(self, key, value):
        path = os.path.join(sys.argv[1], key)
        with open(path + ".tmp", "w") as file:
            print(value, file=file, flush=True)
            os.fsync(file.fileno())
        os.rename(path + ".tmp", path)
        folder = os.open(sys.argv[1], os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
store = Store()
`;
const GO_STORE = `
package main
import ("encoding/json"; "fmt"; "os"; "strconv"; "syscall")
type fileStore struct{}
var store fileStore
func (fileStore) Put(key, value string) {
	path := os.Args[1] + "/" + key
	file, _ := os.Create(path + ".tmp")
	fmt.Fprintln(file, value)
	file.Sync()
	file.Close()
	os.Rename(path + ".tmp", path)
	folder, _ := os.Open(os.Args[1])
	folder.Sync()
	folder.Close()
}
`;

export interface Snippet {
  readonly language: string;
  /** How many operations its history has. */
  readonly operations: number;
  /** Writes the program into a folder. @returns the words that run it; a folder for the store is to follow */
  make(folder: string): string[];
}

export const SNIPPETS: readonly Snippet[] = [
  { language: 'bash', operations: 20, make: (folder) => ['bash', written(folder, 'workload.sh', codeOf('bash'))] },
  {
    language: 'python',
    operations: 40,
    make: (folder) => ['python3', written(folder, 'workload.py', PYTHON_STORE + codeOf('python'))],
  },
  { language: 'go', operations: 40, make: makeGo },
];

/** Why a snippet cannot run here; undefined when it can. */
export function obstacleTo({ language }: Snippet): string | undefined {
  const asked = { bash: ['bash', '--version'], python: ['python3', '--version'], go: ['go', 'version'] }[language]!;
  return spawnSync(asked[0]!, asked.slice(1)).status === 0 ? undefined : `needs ${asked[0]}`;
}

function makeGo(folder: string): string[] {
  const source = written(folder, 'workload.go', GO_STORE + codeOf('go'));
  const program = join(folder, 'workload');
  const env = { ...process.env, GOCACHE: join(folder, 'cache'), GO111MODULE: 'off' };
  const { status, stderr } = spawnSync('go', ['build', '-o', program, source], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return [program];
}

/** The first block of code in a language. */
function codeOf(language: string): string {
  const blocks = [...readFileSync(PAGE, 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  const block = blocks.find((match) => match[1] === language);
  if (!block) throw new Error(`${PAGE} has no block of ${language}`);
  return block[2]!;
}

function written(folder: string, name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}
