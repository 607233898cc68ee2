/** The YAML that users copy is read as it stands, and what it calls is held against the program. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { createProgram } from '../../src/cli/program.ts';
import { parseReporterWish } from '../../src/report/reporter-wish.ts';
import { REPORTER_NAMES } from '../../src/report/reporters/registry.ts';
import { splitWords } from '../../src/stores/words.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const WORKFLOWS = readdirSync(resolve(ROOT, '.github/workflows'), { encoding: 'utf8' }).map(
  (name) => `.github/workflows/${name}`,
);
const read = (path: string): string => readFileSync(resolve(ROOT, path), 'utf8');
const page = read('docs/ci.md');

const blocksIn = (language: string): string[] =>
  [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter((match) => match[1] === language).map((match) => match[2]!);

const DOCUMENTS: [string, string][] = [
  ...['action.yml', ...WORKFLOWS].map((path): [string, string] => [path, read(path)]),
  ...blocksIn('yaml').map((text, at): [string, string] => [`docs/ci.md, block ${at + 1}`, text]),
];

type Tree = { readonly [key: string]: unknown };

function parse(text: string): Tree {
  const document = parseDocument(text, { strict: true, uniqueKeys: true });
  expect([...document.errors, ...document.warnings].map(({ message }) => message)).toEqual([]);
  return document.toJS() as Tree;
}

/** Every object in a tree, itself included. */
function objectsIn(value: unknown): Tree[] {
  if (typeof value !== 'object' || value === null) return [];
  const children = Object.values(value).flatMap(objectsIn);
  return Array.isArray(value) ? children : [value as Tree, ...children];
}

const stringsOf = (value: unknown): string[] =>
  typeof value === 'string' ? [value] : Array.isArray(value) ? value.flatMap(stringsOf) : [];

/** Command lines after the word `powercut`, wherever a shell or the action is given one. */
function callsIn(tree: Tree): string[] {
  return objectsIn(tree).flatMap((each) => {
    const usesIt = typeof each['uses'] === 'string' && /^\.\/$|\/powercut@/.test(each['uses']);
    const args = usesIt ? stringsOf((each['with'] as Tree | undefined)?.['args']) : [];
    return [...args, ...[each['run'], each['script']].flatMap(stringsOf).flatMap(callsInShell)];
  });
}

function callsInShell(script: string): string[] {
  const lines = script.replaceAll('\\\n', ' ').split('\n');
  return lines.flatMap((line) =>
    [...line.matchAll(/(?:npx powercut|dist\/bin\/powercut\.js) ([^&|;]+)/g)].map(([, words]) => words!),
  );
}

const program = createProgram({ signal: new AbortController().signal, setStatus: () => undefined });

/** What is wrong with a call, one line each. */
function faultsOf(call: string): string[] {
  const [name = '', ...words] = splitWords(call.replace(/\$\{\{[^}]*\}\}/g, 'x').replace(/[$*]/g, 'x'));
  const command = program.commands.find((each) => each.name() === name);
  if (command === undefined) return [`there is no command ${name}`];
  return words.flatMap((word, at) => (word.startsWith('--') ? faultsOfFlag(command, word, words[at + 1]) : []));
}

function faultsOfFlag(command: Command, flag: string, value: string | undefined): string[] {
  const option: Option | undefined = command.options.find(({ long }) => long === flag);
  if (option === undefined) return [`${command.name()} has no ${flag}`];
  if (option.required && (value === undefined || value.startsWith('--'))) return [`${flag} lacks its value`];
  if (flag !== '--reporter') return [];
  const names = value!.split(',').map((word) => parseReporterWish(word).name);
  return names
    .filter((each) => !(REPORTER_NAMES as readonly string[]).includes(each))
    .map((each) => `no reporter ${each}`);
}

describe('calls of powercut', () => {
  const calls = DOCUMENTS.flatMap(([source, text]) => callsIn(parse(text)).map((call) => [source, call] as const));
  const shown = blocksIn('sh')
    .flatMap(callsInShell)
    .map((call) => ['docs/ci.md', call] as const);

  it('are found, so that this test tests something', () => {
    const sources = new Set(calls.map(([source]) => source));
    expect([...sources].sort()).toEqual(
      DOCUMENTS.map(([source]) => source)
        .filter((name) => name !== 'action.yml')
        .sort(),
    );
    expect(calls.length).toBeGreaterThanOrEqual(7);
    expect(shown.length).toBeGreaterThanOrEqual(6);
  });

  it.each([...calls, ...shown])('%s: %s', (_, call) => expect(faultsOf(call)).toEqual([]));

  it.each([
    ['replay --each-barier', 'replay has no --each-barier'],
    ['merge a.json --shard 1/2', 'merge has no --shard'],
    ['rerun', 'there is no command rerun'],
    ['report r.json --reporter line,junti=x', 'no reporter junti'],
    ['replay --json --list', '--json lacks its value'],
  ])('would be seen to be wrong: %s', (call, fault) => expect(faultsOf(call)).toContain(fault));
});

describe.each(DOCUMENTS)('%s', (_, text) => {
  const tree = parse(text);

  it('pins actions of others by the hash of a commit', () => {
    const uses = objectsIn(tree).flatMap((each) => stringsOf(each['uses']));
    const others = uses.filter((name) => !name.startsWith('./') && name !== 'OWNER/powercut@COMMIT');
    expect(others.filter((name) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(name))).toEqual([]);
  });

  it('pastes nothing into a script that is not a number or a name of its own', () => {
    const scripts = objectsIn(tree).flatMap((each) => stringsOf(each['run']));
    const pasted = scripts.flatMap((script) => script.match(/\$\{\{[^}]*\}\}/g) ?? []);
    expect(pasted.filter((expression) => !/^\$\{\{ matrix\.\w+ \}\}$/.test(expression))).toEqual([]);
  });
});

describe('workflows', () => {
  const workflows = DOCUMENTS.map(([source, text]) => [source, parse(text)] as const).filter(
    ([, tree]) => 'jobs' in tree,
  );

  it.each(workflows)('%s: has a time limit, few rights, and needs only jobs that there are', (_, tree) => {
    const jobs = tree['jobs'] as Record<string, Tree>;
    expect(tree['permissions']).toEqual({ contents: 'read' });
    for (const job of Object.values(jobs)) {
      expect(job['timeout-minutes']).toEqual(expect.any(Number));
      for (const needed of stringsOf(job['needs'])) expect(Object.keys(jobs)).toContain(needed);
    }
  });

  it('name artifacts as the service allows, and download only what is uploaded', () => {
    for (const [, tree] of workflows) {
      const withOf = (action: string): Tree[] =>
        objectsIn(tree).flatMap((each) => (String(each['uses']).includes(action) ? [each['with'] as Tree] : []));
      const shape = (name: unknown): string => String(name).replace(/\$\{\{[^}]*\}\}|\*/g, 'x');
      const uploaded = withOf('upload-artifact@').map(({ name }) => shape(name));
      expect(uploaded.filter((name) => /["<>:|?*\r\n\\/]/.test(name))).toEqual([]);
      for (const { name, pattern } of withOf('download-artifact@')) {
        expect(uploaded.map((each) => each.replaceAll('x.name', 'x'))).toContain(shape(name ?? pattern));
      }
    }
  });
});

describe('action.yml', () => {
  const action = parse(read('action.yml')) as {
    inputs: Record<string, { description: string; required?: boolean; default?: string }>;
    runs: { using: string; steps: { shell?: string; run?: string; id?: string; env?: Record<string, string> }[] };
    outputs: Record<string, { value: string }>;
  };

  it('is composite, each step with its shell, and every input used', () => {
    expect(action.runs.using).toBe('composite');
    for (const step of action.runs.steps) expect(step.shell).toBe('bash');
    const text = JSON.stringify(action.runs);
    for (const name of Object.keys(action.inputs)) expect(text).toContain(`inputs.${name}`);
  });

  it('hands inputs over as environment variables that its script knows', () => {
    const script = read('scripts/github-action.sh');
    for (const { env = {}, run = '' } of action.runs.steps) {
      for (const name of Object.keys(env)) expect(script).toContain(name);
      const [, path = ''] = /"\$GITHUB_ACTION_PATH\/([^"]+)"/.exec(run) ?? [];
      expect(existsSync(resolve(ROOT, path)) && path !== '').toBe(true);
    }
  });

  it('has the outputs that a step of it has', () => {
    for (const { value } of Object.values(action.outputs)) {
      const [, id] = /^\$\{\{ steps\.(\w+)\.outputs\.[\w-]+ \}\}$/.exec(value) ?? [];
      expect(action.runs.steps.map((step) => step.id)).toContain(id);
    }
  });

  it('is used with inputs that it has', () => {
    for (const [, text] of DOCUMENTS) {
      const uses = objectsIn(parse(text)).filter(({ uses: name }) => name === './' || name === 'OWNER/powercut@COMMIT');
      for (const each of uses) {
        expect(Object.keys(each['with'] as Tree).filter((name) => !Object.hasOwn(action.inputs, name))).toEqual([]);
      }
    }
  });
});
